import { ConfigError, type ConfigIssue } from '../errors/index.js';
import type { Place } from './written.js';

const mostShown = 50;

/** Collects the faults of a pipeline, so that one error tells them all. */
export class Issues {
  private readonly found = new Map<string, ConfigIssue>();

  /** The same fault at the same place counts once. */
  add(code: string, { path, where }: Place, message: string, hint?: string): void {
    this.found.set(JSON.stringify([where, path, message]), { code, path, where, message, hint });
  }

  /** @throws ConfigError with the faults so far, if there is one: all of them, or as many as one would read. */
  throwIfAny(): void {
    if (this.found.size === 0) return;
    const issues = [...this.found.values()].slice(0, mostShown);
    const more = this.found.size - issues.length;
    throw new ConfigError(
      more > 0 ? [...issues, { code: 'config/more', path: [], message: `and ${more} more faults` }] : issues,
    );
  }
}
