import { writeAtomically } from '../checkpoint/index.js';
import { csv } from './csv.js';
import type { LabelTable } from './label-table.js';

/** Columns of the table: `index`, `primary`, `human` where there is one, `auxiliary`, and `p0`, `p1`, ... of the shares. */
export const labelCsv = ({ primary, human, auxiliary, shares }: LabelTable): string =>
  csv([
    ['index', 'primary', ...(human ? ['human'] : []), 'auxiliary', ...shares.map((_, k) => `p${k}`)],
    ...primary.map((name, n) => [
      n,
      name,
      ...(human ? [human[n]!] : []),
      auxiliary[n]!,
      ...shares.map((column) => column[n]!),
    ]),
  ]);

/** Writes the same columns as a Parquet file: int32, strings, and float32 shares. */
export async function writeLabelParquet(file: string, table: LabelTable): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const { primary, human, auxiliary, shares } = table;
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
      ...shares.map((share, k) => column(`p${k}`, 'FLOAT', share)),
    ],
  });
  await writeAtomically(file, [new Uint8Array(buffer)]);
}
