import type { ServiceIdentifier } from 'inversify';
import type { Logger as PinoLogger } from 'pino';
import type { Random as RandomType } from '../engine/index.js';

/** A stage's own validated configuration, defaults filled in and nested stages built. */
export const StageConfig: ServiceIdentifier = Symbol.for('auxflow/StageConfig');

/** The run's generators, one per purpose. */
export const Random: ServiceIdentifier<RandomType> = Symbol.for('auxflow/Random');
export type Random = RandomType;

export const Logger: ServiceIdentifier<PinoLogger> = Symbol.for('auxflow/Logger');
export type Logger = PinoLogger;

/** Milliseconds that only move forward; replaced in tests. */
export type Clock = () => number;
export const Clock: ServiceIdentifier<Clock> = Symbol.for('auxflow/Clock');
