import { scoreOf, validationScore } from '../events/index.js';
import type { RunEvent, RunEventOf, Score } from '../events/index.js';
import { count, duration, percent } from './format.js';
import type { Paint } from './paint.js';
import type { RunProgress } from './run-progress.js';

/** The line that `event` leaves behind, if any, after `progress` has taken it in. */
export function progressLine(
  event: RunEvent,
  progress: RunProgress,
  { bold, dim, red, yellow }: Paint,
): string | undefined {
  const soFar = progress.start
    ? `after ${progress.finishedEpochs} of ${progress.start.epochs} epochs`
    : 'before it began';
  switch (event.type) {
    case 'run:start': {
      const { name, strategy, epochs, trainSamples, parameters } = event;
      const sizes = [`${epochs} epochs`, `${count(trainSamples)} samples`, `${count(parameters)} parameters`];
      return [bold(name), strategy, ...sizes.map(dim)].join('  ');
    }
    case 'prepare:end':
      return `prepared ${event.stage}  ${dim(duration(event.durationMs))}`;
    case 'warning':
      return `${yellow('warning')}  ${event.message} ${dim(`(${event.code})`)}${event.hint ? `\n         ${dim(event.hint)}` : ''}`;
    case 'listener:error':
      return `${yellow('warning')}  listener ${event.listener}: ${event.error.message}`;
    case 'run:end': {
      const { primaryLoss, primaryRmse, ...scores } = event.summary.test;
      const score = scoreOf(scores);
      const error = primaryRmse === undefined ? '' : `  RMSE ${Number(primaryRmse.toPrecision(4))}`;
      const test = `test ${score.kind.name} ${bold(written(score))}${error}  loss ${primaryLoss.toFixed(3)}`;
      return `finished  ${test}  ${dim(duration(event.durationMs))}`;
    }
    case 'run:stopped':
      return `${yellow('stopped')}  ${soFar}: ${event.reason}  ${dim(duration(event.durationMs))}`;
    case 'run:failed':
      return `${red('failed')}  ${soFar}  ${dim(duration(event.durationMs))}`;
    default:
      return undefined;
  }
}

/** One finished epoch in aligned columns; what wasn't measured takes no room. */
export function epochLine(event: RunEventOf<'epoch:end'>, left: number | undefined, { dim }: Paint): string {
  const { epoch, epochs, metrics, durationMs } = event;
  const [training, validation] = [scoreOf(metrics), validationScore(metrics)];
  const cells = [
    `epoch ${padded(epoch, epochs)}`,
    cell('loss', metrics.primaryLoss.toFixed(3), 5),
    cell('aux', metrics.auxiliaryLoss?.toFixed(3), 5),
    cell(training.kind.name, written(training), 5),
    cell('validation', validation && written(validation), 5),
    cell('cosine', metrics.gradientCosine?.toFixed(2), 5),
    dim(duration(durationMs).padStart(6)),
    epoch < epochs && left !== undefined ? dim(cell('left', duration(left), 6)) : '',
  ];
  return cells.filter(Boolean).join('  ');
}

/** The running state in one line of at most `columns`, with a bar of what is done in the room that is left. */
export function barLine(progress: RunProgress, columns: number, { cyan, dim }: Paint): string {
  const { start, preparing, training, epoch, pass, step, steps, validation, left } = progress;
  const passWidth = Math.max(0, ...(start?.passes.map(({ name }) => name.length) ?? []));
  const head = preparing
    ? `prepare ${preparing}`
    : epoch === 0
      ? 'starting'
      : `epoch ${padded(epoch, start?.epochs ?? epoch)}  ${pass.padEnd(passWidth)} ${padded(step, steps)}`;
  const cells = [
    training && `loss ${training.loss.toFixed(3)}`,
    training && `${training.score.kind.name.slice(0, 3)} ${written(training.score).padStart(5)}`,
    validation && `val ${written(validation).padStart(5)}`,
  ].filter((cell) => cell !== undefined);
  const time = left === undefined || preparing ? '' : `left ${duration(left).padStart(6)}`;
  const tail = preparing ? percent(progress.fraction) : [...cells, time].filter(Boolean).join('  ');
  const width = Math.min(24, Math.max(5, columns - head.length - tail.length - 5));
  const done = Math.round(width * Math.min(1, progress.fraction));
  return `${head}  ${cyan('█'.repeat(done))}${dim('░'.repeat(width - done))}  ${tail}`;
}

const written = ({ kind, value }: Score) => kind.write(value);

const padded = (value: number, of: number) => `${String(value).padStart(String(of).length)}/${of}`;

const cell = (name: string, value: string | undefined, width: number) =>
  value === undefined ? '' : `${name} ${value.padStart(width)}`;
