import { Container } from 'inversify';
import { pino } from 'pino';
import type { ResolvedStage } from '../config/index.js';
import { Random as Generators, type Scope } from '../engine/index.js';
import { Clock, Logger, Random, type Observer } from '../stages/index.js';
import type { ComposeOptions } from './compose.js';
import { failure } from './failure.js';
import { buildStage } from './stage-module.js';

/**
 * Builds observers as a run does, for a run that is over: they get logger, clock and generators, but no dataset or network.
 * @param seed of the run
 * @param scope frees those that are disposable
 * @throws RunError for one that can't be built so
 */
export function composeObservers(
  stages: readonly ResolvedStage[],
  seed: number,
  scope: Scope,
  { logger = pino({ level: 'silent' }), clock = () => performance.now() }: ComposeOptions = {},
): Observer[] {
  const container = new Container();
  container.bind(Logger).toConstantValue(logger);
  container.bind(Clock).toConstantValue(clock);
  container.bind(Random).toConstantValue(new Generators(seed));
  scope.defer(() => container.unbindAll());
  return stages.map((stage) => {
    try {
      return buildStage(stage, container, scope) as Observer;
    } catch (error) {
      throw failure('observer/not-built', 'without a run', error, 'observer');
    }
  });
}
