import { stageKeys, type ResolvedPipeline, type ResolvedStage, type StageKey } from './spec.js';

const edges: readonly [from: StageKey, arrow: string, to: StageKey][] = [
  ['dataset', '-->|inputs|', 'model'],
  ['dataset', '-->|inputs|', 'auxiliary'],
  ['dataset', '-->|primary targets|', 'loss'],
  ['auxiliary', '-->|auxiliary targets|', 'auxiliaryLoss'],
  ['model', '-->|primary outputs|', 'loss'],
  ['model', '-->|auxiliary outputs|', 'auxiliaryLoss'],
  ['loss', '-->|gradient|', 'combiner'],
  ['auxiliaryLoss', '-->|gradient|', 'combiner'],
  ['combiner', '-->|gradient|', 'optimizer'],
  ['optimizer', '-.->|theta1|', 'model'],
  ['metaStep', '-.->|theta2|', 'auxiliary'],
];

/** The stages of a pipeline and what flows between them, as a Mermaid flowchart. */
export function mermaid({ stages, observers }: ResolvedPipeline): string {
  const lines = ['flowchart LR'];
  for (const key of Object.keys(stageKeys) as StageKey[]) lines.push(...nodes(key, key, stages[key]));
  observers.forEach((observer, index) => lines.push(...nodes(`observer${index}`, 'observer', observer)));
  for (const [from, arrow, to] of edges) lines.push(`  ${from} ${arrow} ${to}`);
  observers.forEach((_, index) => lines.push(`  optimizer -.->|events| observer${index}`));
  return `${lines.join('\n')}\n`;
}

/** A stage and, tied to it, the stages nested in it. */
function nodes(id: string, label: string, { use, nested }: ResolvedStage): string[] {
  const inner = Object.entries(nested).flatMap(([key, stage]) => [
    ...nodes(`${id}_${key}`, key, stage),
    `  ${id}_${key} --- ${id}`,
  ]);
  return [`  ${id}["${label}<br/><b>${escape(use)}</b>"]`, ...inner];
}

const escape = (text: string): string => text.replace(/[&<>"#]/g, (character) => `#${character.charCodeAt(0)};`);
