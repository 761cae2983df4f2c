import type { Plugin } from './define-plugin.js';

const files = new WeakMap<Plugin, string>();

/** Remembers the file that a plugin was loaded from. */
export const cameFrom = (plugin: Plugin, file: string): void => void files.set(plugin, file);

/** Where a plugin is to be found, for an error's hint: ` It is FILE.`, or nothing for a value or a built-in one. */
export const whereabouts = (...plugins: readonly Plugin[]): string =>
  plugins
    .flatMap((plugin) => (files.has(plugin) ? [` "${plugin.name}" is ${files.get(plugin)!}.`] : []))
    .filter((sentence, i, all) => all.indexOf(sentence) === i)
    .join('');
