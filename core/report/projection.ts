import { UMAP } from 'umap-js';
import { Generator } from '../engine/index.js';

/** A point of the plane. */
export type Point = readonly [x: number, y: number];

const neighbors = 15;

/**
 * Rows laid out in the plane so that near ones stay near; the same seed gives the same plane.
 * @returns `undefined` for too few rows to have neighbours
 * @see L. McInnes, J. Healy, J. Melville: UMAP, 2018. https://arxiv.org/abs/1802.03426
 */
export function project(rows: readonly Float32Array[], seed: number): readonly Point[] | undefined {
  if (rows.length <= neighbors) return undefined;
  const generator = Generator.for(seed, 'report/projection');
  const umap = new UMAP({ nNeighbors: neighbors, minDist: 0.1, nEpochs: 300, random: () => generator.uniform() });
  return umap.fit(rows.map((row) => [...row])).map(([x, y]): Point => [x!, y!]);
}
