import { writeAtomically } from '../checkpoint/index.js';
import { csv } from './csv.js';
import type { LabelTable } from './label-table.js';

/** Columns of the table: `index`, `primary`, `human` and `weight` where there are any, `auxiliary`, and `p0`, `p1`, ... of the shares. */
export const labelCsv = ({ primary, human, auxiliary, weight, shares }: LabelTable): string =>
  csv([
    [
      'index',
      'primary',
      ...(human ? ['human'] : []),
      'auxiliary',
      ...(weight ? ['weight'] : []),
      ...shares.map((_, k) => `p${k}`),
    ],
    ...primary.map((name, n) => [
      n,
      name,
      ...(human ? [human[n]!] : []),
      auxiliary[n]!,
      ...(weight ? [weight[n]!] : []),
      ...shares.map((column) => column[n]!),
    ]),
  ]);

/** Writes the same columns as a Parquet file: int32, strings, and float32 shares. */
export async function writeLabelParquet(file: string, table: LabelTable): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const { primary, human, auxiliary, weight, shares } = table;
  const column = <T>(name: string, type: 'INT32' | 'STRING' | 'FLOAT', data: T) => ({
    name,
    type,
    data,
    nullable: false,
  });
  const buffer = parquetWriteBuffer({
    columnData: [
      column('index', 'INT32', Int32Array.from(primary.keys())),
      column('primary', 'STRING', [...primary]),
      ...(human ? [column('human', 'STRING', [...human])] : []),
      column('auxiliary', 'INT32', auxiliary),
      ...(weight ? [column('weight', 'FLOAT', weight)] : []),
      ...shares.map((share, k) => column(`p${k}`, 'FLOAT', share)),
    ],
  });
  await writeAtomically(file, [new Uint8Array(buffer)]);
}
