import { SingleBar } from 'cli-progress';
import type { RunEvent } from '../events/index.js';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';
import { paint, type Paint } from './paint.js';
import { barLine, epochLine, progressLine } from './progress-line.js';
import { RunProgress } from './run-progress.js';

export interface ProgressOptions {
  readonly stream: NodeJS.WritableStream;
  /** True: a bar that is drawn over and over, for terminals. False: one line per epoch. */
  readonly interactive: boolean;
  readonly color: boolean;
}

/** Shows a run to people as it goes. That `stream` is closed, or its reader gone, is no fault. */
export const progress = ({ stream, interactive, color }: ProgressOptions): Observer => ({
  name: 'progress',
  async observe(events) {
    tolerate(stream);
    const view = interactive ? new BarView(stream, paint(color)) : new LineView(stream, paint(color));
    const state = new RunProgress();
    try {
      await follow(events, (event) => {
        state.add(event);
        view.show(event, state);
      });
    } finally {
      view.end();
    }
  },
});

interface View {
  show(event: RunEvent, state: RunProgress): void;
  end(): void;
}

class LineView implements View {
  constructor(
    private readonly stream: NodeJS.WritableStream,
    private readonly paint: Paint,
  ) {}

  show(event: RunEvent, state: RunProgress): void {
    const line =
      event.type === 'epoch:end'
        ? epochLine(event, state.left, this.paint)
        : event.type === 'prepare:start'
          ? `preparing ${event.stage}`
          : progressLine(event, state, this.paint);
    if (line !== undefined) write(this.stream, line);
  }

  end(): void {}
}

class BarView implements View {
  private bar: SingleBar | undefined;

  constructor(
    private readonly stream: NodeJS.WritableStream,
    private readonly paint: Paint,
  ) {}

  show(event: RunEvent, state: RunProgress): void {
    const line = progressLine(event, state, this.paint);
    if (line !== undefined) {
      this.end();
      write(this.stream, line);
    }
    if (event.type === 'run:end' || event.type === 'run:stopped' || event.type === 'run:failed') this.end();
    else (this.bar ??= this.draw(state)).update(state.fraction);
  }

  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private draw(state: RunProgress): SingleBar {
    const bar = new SingleBar({
      stream: this.stream,
      clearOnComplete: true,
      gracefulExit: false,
      format: (_, { maxWidth }) => barLine(state, maxWidth, this.paint),
    });
    bar.start(1, state.fraction);
    return bar;
  }
}

function write(stream: NodeJS.WritableStream, line: string): void {
  if (stream.writable) stream.write(`${line}\n`);
}

const tolerated = new WeakSet<NodeJS.WritableStream>();

/** Node ends the process for an EPIPE that nobody hears of; it may come after the run, so this lasts. */
function tolerate(stream: NodeJS.WritableStream): void {
  if (!tolerated.has(stream)) stream.on('error', () => {});
  tolerated.add(stream);
}
