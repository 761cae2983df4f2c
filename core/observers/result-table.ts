import { scoreOf } from '../events/index.js';
import type { LabelUse, Summary } from '../events/index.js';
import { count, duration, shorten } from './format.js';
import { paint, type Paint } from './paint.js';

const limits = {
  /** Characters in a line, and the fewest that a run's name is cut to. */
  width: 80,
  name: 16,
  /** Primary classes shown per run, and auxiliary classes drawn for each. */
  rows: 10,
  bars: 32,
};

/** The runs side by side, then how each one uses its auxiliary labels; text for people, ending with a newline. */
export function resultTable(summaries: readonly Summary[], { color }: { color: boolean }): string {
  const style = paint(color);
  const uses = summaries.flatMap(({ name, labelUse }) =>
    labelUse && labelUse.length > 0 ? ['', style.bold(`auxiliary labels of ${name}`), ...useRows(labelUse, style)] : [],
  );
  return `${[...runRows(summaries, style), ...uses].join('\n')}\n`;
}

function runRows(summaries: readonly Summary[], { bold, dim }: Paint): string[] {
  const names = new Set(summaries.map(({ test }) => scoreOf(test).kind.name));
  const header = [
    'run',
    'strategy',
    names.size === 1 ? `test ${[...names][0]!}` : 'test score',
    'loss',
    'cosine',
    'params',
    'time',
  ];
  const rows = summaries.map(({ name, strategy, test, gradientCosine, parameters, durationMs }) => [
    name,
    strategy,
    scoreOf(test).kind.write(scoreOf(test).value),
    test.primaryLoss.toFixed(3),
    gradientCosine?.toFixed(2) ?? '-',
    count(parameters),
    duration(durationMs),
  ]);
  const [nameWidth, ...widths] = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]!.length)),
  );
  const others = widths.reduce((sum, width) => sum + width + 2, 0);
  const first = Math.min(nameWidth!, Math.max(limits.name, limits.width - others));
  const line = ([name, strategy, score, ...rest]: readonly string[], emphasis: (text: string) => string) =>
    [
      shorten(name!, first).padEnd(first),
      strategy!.padEnd(widths[0]!),
      emphasis(score!.padStart(widths[1]!)),
      ...rest.map((text, index) => text.padStart(widths[index + 2]!)),
    ].join('  ');
  return [dim(line(header, (text) => text)), ...rows.map((row) => line(row, bold))];
}

/** `even  ▇▆▄▁▁  effective 3.4 of 5  [0.38 0.30 0.20 0.06 0.06]` */
function useRows(uses: readonly LabelUse[], { cyan, dim }: Paint): string[] {
  const shown = uses.slice(0, limits.rows);
  const nameWidth = Math.min(16, Math.max(...shown.map(({ primaryClass }) => primaryClass.length)));
  const barWidth = Math.min(limits.bars, Math.max(...shown.map(({ shares }) => shares.length)));
  const rows = shown.map(({ primaryClass, shares, effectiveClasses }) => {
    const name = shorten(primaryClass, nameWidth).padEnd(nameWidth);
    const drawn = shorten(bars(shares), barWidth).padEnd(barWidth);
    const effective = `effective ${effectiveClasses.toFixed(1)} of ${shares.length}`;
    const room = limits.width - nameWidth - barWidth - effective.length - 6;
    return `${name}  ${cyan(drawn)}  ${effective}${dim(numbers(shares, room))}`.trimEnd();
  });
  const hidden = uses.length - shown.length;
  return hidden > 0 ? [...rows, dim(`and ${hidden} more`)] : rows;
}

/** One block per share, the largest one full. */
function bars(shares: readonly number[]): string {
  const largest = Math.max(...shares, Number.MIN_VALUE);
  return shares.map((share) => '▁▂▃▄▅▆▇'[Math.round((6 * share) / largest)]!).join('');
}

/** As many shares as fit into `room`. */
function numbers(shares: readonly number[], room: number): string {
  const fitting = Math.floor((room - 1) / 5);
  const texts = shares.map((share) => share.toFixed(2));
  if (texts.length <= fitting) return `  [${texts.join(' ')}]`;
  return fitting > 2 ? `  [${texts.slice(0, fitting - 1).join(' ')} ...]` : '';
}
