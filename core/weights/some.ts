/** Faults shown at once. */
const limit = 8;

/** The first few of many faults, one a line, and how many more there are. */
export const some = (faults: readonly string[]): string =>
  [...faults.slice(0, limit), ...(faults.length > limit ? [`and ${faults.length - limit} more like these`] : [])].join(
    '\n  ',
  );
