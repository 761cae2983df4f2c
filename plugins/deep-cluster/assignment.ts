/**
 * The one-to-one assignment of rows to columns with the largest total, for a square matrix: shortest augmenting paths with
 * potentials (Kuhn 1955, "The Hungarian Method for the Assignment Problem"; O(n^3) as Jonker and Volgenant 1987).
 * @returns the column of each row
 */
export function assignment(gains: readonly (readonly number[])[]): number[] {
  const size = gains.length;
  const ofRow = new Float64Array(size);
  const ofColumn = new Float64Array(size);
  /** The row that each column belongs to so far, -1 for none. */
  const rows = new Int32Array(size).fill(-1);
  for (let row = 0; row < size; row++) {
    const distances = new Float64Array(size).fill(Infinity);
    const before = new Int32Array(size).fill(-1);
    const done = new Uint8Array(size);
    let column = -1;
    do {
      const here = column < 0 ? row : rows[column]!;
      const reached = column < 0 ? 0 : distances[column]!;
      let next = -1;
      for (let other = 0; other < size; other++) {
        if (done[other]) continue;
        const through = reached - gains[here]![other]! - ofRow[here]! - ofColumn[other]!;
        if (through < distances[other]!) {
          distances[other] = through;
          before[other] = column;
        }
        if (next < 0 || distances[other]! < distances[next]!) next = other;
      }
      column = next;
      done[column] = 1;
    } while (rows[column]! >= 0);

    const length = distances[column]!;
    ofRow[row]! += length;
    for (let other = 0; other < size; other++) {
      if (!done[other] || rows[other]! < 0) continue;
      ofColumn[other]! += distances[other]! - length;
      ofRow[rows[other]!]! += length - distances[other]!;
    }
    while (column >= 0) {
      const previous = before[column]!;
      rows[column] = previous < 0 ? row : rows[previous]!;
      column = previous;
    }
  }
  const columns = Array<number>(size);
  for (const [column, row] of rows.entries()) columns[row] = column;
  return columns;
}
