import type { ResolvedStage } from '../config/index.js';
import { stageAtWork } from '../errors/index.js';

const culprits = new WeakMap<object, string>();

/** The stage that an error came from, as `loss "focal" of plugin basics`; `undefined` where none is known. */
export const culpritOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null ? culprits.get(error) : undefined;

/** Remembers that `error` came from `stage`, unless a stage inside it is known to be the cause. */
export function blame(error: unknown, stage: ResolvedStage): void {
  if (typeof error === 'object' && error !== null && !culprits.has(error)) culprits.set(error, nameOf(stage));
}

const nameOf = ({ kind, use, plugin }: ResolvedStage): string => `${kind} "${use}" of plugin ${plugin}`;

/** `instance` with methods that blame `stage` for whatever they throw or reject with. */
export function accountable<T extends object>(instance: T, stage: ResolvedStage): T {
  const name = nameOf(stage);
  const methods = new Map<unknown, unknown>();
  const watched = (method: (...args: unknown[]) => unknown) =>
    function (...args: unknown[]): unknown {
      try {
        const result = stageAtWork.run(name, () => method.apply(instance, args));
        if (result instanceof Promise) result.catch((error: unknown) => blame(error, stage));
        return result;
      } catch (error) {
        blame(error, stage);
        throw error;
      }
    };
  return new Proxy(instance, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || key === 'constructor') return value;
      if (!methods.has(value)) methods.set(value, watched(value as (...args: unknown[]) => unknown));
      return methods.get(value);
    },
  });
}
