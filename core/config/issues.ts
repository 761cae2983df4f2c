import { ConfigError, type ConfigIssue } from '../errors/index.js';
import type { Place } from './written.js';

/** Collects the faults of a pipeline, so that one error tells them all. */
export class Issues {
  private readonly found = new Map<string, ConfigIssue>();

  /** The same fault at the same place counts once. */
  add(code: string, { path, where }: Place, message: string, hint?: string): void {
    this.found.set(JSON.stringify([where, path, message]), { code, path, where, message, hint });
  }

  /** @throws ConfigError with every fault so far, if there is one. */
  throwIfAny(): void {
    if (this.found.size > 0) throw new ConfigError([...this.found.values()]);
  }
}
