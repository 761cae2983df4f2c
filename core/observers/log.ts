import type { RunEvent } from '../events/index.js';
import type { Logger, Observer } from '../stages/index.js';
import { follow } from './follow.js';

/** Writes a run's events as structured log lines: steps at `debug`, epochs at `info`, what is amiss above. */
export const log = (logger: Logger): Observer => ({
  name: 'log',
  observe: (events) => {
    let run = logger;
    let from = 0;
    return follow(events, (event) => {
      if (event.type === 'run:start') {
        run = logger.child({ run: event.name });
        from = event.resumed?.sequence ?? 0;
      } else if (event.sequence < from) return;
      write(run, event);
    });
  },
});

function write(logger: Logger, event: RunEvent): void {
  switch (event.type) {
    case 'run:start': {
      const { seed, strategy, epochs, trainSamples, parameters, directory, resumed } = event;
      logger.info(
        { seed, strategy, epochs, trainSamples, parameters, directory },
        resumed ? 'run resumed' : 'run started',
      );
      break;
    }
    case 'prepare:start':
      logger.info({ stage: event.stage }, `preparing ${event.stage}`);
      break;
    case 'prepare:progress':
      logger.debug({ stage: event.stage, fraction: event.fraction, ...event.metrics }, `preparing ${event.stage}`);
      break;
    case 'prepare:end':
      logger.info({ stage: event.stage, durationMs: event.durationMs }, `prepared ${event.stage}`);
      break;
    case 'epoch:start':
      logger.debug({ epoch: event.epoch, epochs: event.epochs }, 'epoch started');
      break;
    case 'step:end':
    case 'meta-step:end': {
      const { type, ...measured } = { ...event, labelMass: undefined, labelEntropy: undefined, time: undefined };
      logger.debug(measured, type);
      break;
    }
    case 'evaluate:end': {
      const { epoch, samples, primaryLoss, primaryAccuracy, primaryR2, primaryRmse, durationMs } = event;
      const measured = { epoch, samples, primaryLoss, primaryAccuracy, primaryR2, primaryRmse, durationMs };
      logger.info(measured, `evaluated on ${event.split}`);
      break;
    }
    case 'epoch:end':
      logger.info(
        { epoch: event.epoch, epochs: event.epochs, ...event.metrics, durationMs: event.durationMs },
        'epoch',
      );
      break;
    case 'checkpoint:written':
      logger.debug({ epoch: event.epoch, path: event.path, bytes: event.bytes }, 'checkpoint written');
      break;
    case 'warning':
      logger.warn({ code: event.code, hint: event.hint }, event.message);
      break;
    case 'listener:error':
      logger.warn({ listener: event.listener, error: event.error }, `listener ${event.listener} failed`);
      break;
    case 'run:end':
      logger.info({ test: event.summary.test, durationMs: event.durationMs }, 'run finished');
      break;
    case 'run:stopped':
      logger.warn({ reason: event.reason, epoch: event.epoch, durationMs: event.durationMs }, 'run stopped');
      break;
    case 'run:failed':
      logger.error({ error: event.error, durationMs: event.durationMs }, `run failed: ${event.error.message}`);
      break;
  }
}
