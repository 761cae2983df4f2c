import { PluginError } from '../errors/index.js';
import type { Plugin, StageContracts, StageKind } from './define-plugin.js';
import { nearest } from './nearest.js';
import { reasonOf } from './reason.js';

/** Every kind of stage, in the order of the reader's interest. */
export const stageKinds = Object.keys({
  dataset: true,
  model: true,
  loss: true,
  optimizer: true,
  auxiliary: true,
  metaStep: true,
  combiner: true,
  schedule: true,
  observer: true,
} satisfies Record<keyof StageContracts, true>) as readonly StageKind[];

/**
 * Checks a value that claims to be a plugin, such as the default export of a package.
 * @param from where it came from, for the message.
 * @throws PluginError naming the part that is missing or wrong.
 */
export function assertPlugin(value: unknown, from?: string): asserts value is Plugin {
  const subject = from === undefined ? 'An entry of the plugin list' : `What "${from}" exports`;
  try {
    assertShape(value, subject);
  } catch (cause) {
    // A getter or a proxy of the plugin's threw.
    if (!(cause instanceof PluginError)) refuse(`${subject} can't be read: ${reasonOf(cause)}`, cause);
    throw cause;
  }
}

function assertShape(value: unknown, subject: string): void {
  if (!isRecord(value) || typeof value['name'] !== 'string' || value['name'] === '' || !isRecord(value['stages'])) {
    refuse(`${subject} isn't a plugin.`);
  }
  const name = value['name'];
  if (typeof value['apiVersion'] !== 'number') refuse(`Plugin "${name}" states no apiVersion.`);
  if (!isOptional(value['version'], 'string')) refuse(`The version of plugin "${name}" isn't text.`);
  if (value['requires'] !== undefined && !isTextList(value['requires'])) {
    refuse(`The "requires" of plugin "${name}" isn't a list of plugin names.`);
  }
  assertData(value['data'] ?? {}, name);
  for (const [kind, stages] of Object.entries(value['stages'])) {
    if (!stageKinds.includes(kind as StageKind)) {
      const close = nearest(kind, stageKinds);
      refuse(
        `Plugin "${name}" provides stages of an unknown kind "${kind}"${close ? `; did it mean "${close}"?` : '.'}`,
      );
    }
    if (stages === undefined) continue;
    if (!Array.isArray(stages)) refuse(`The ${kind} stages of plugin "${name}" aren't a list.`);
    stages.forEach((stage, index) => assertStage(stage, `${kind} ${index + 1} of plugin "${name}"`));
  }
}

function assertData(data: unknown, plugin: string): void {
  const isFile = (file: unknown): boolean =>
    isRecord(file) &&
    isFileName(file['file']) &&
    URL.canParse(String(file['url'])) &&
    isFileName(file['unpackTo'] ?? 'x');
  const isSource = (source: unknown): boolean =>
    isRecord(source) && Array.isArray(source['files']) && source['files'].length > 0 && source['files'].every(isFile);
  const wrong = isRecord(data) ? Object.entries(data).find(([, source]) => !isSource(source)) : ['data'];
  if (!wrong) return;
  refuse(`The data source "${wrong[0]}" of plugin "${plugin}" doesn't list files, each with a plain name and a URL.`);
}

function assertStage(stage: unknown, which: string): void {
  if (!isRecord(stage) || typeof stage['name'] !== 'string' || stage['name'] === '')
    refuse(`The ${which} has no name.`);
  const subject = `The ${which}, "${stage['name']}",`;
  if (typeof stage['implementation'] !== 'function') refuse(`${subject} has no class as its implementation.`);
  if (!isOptional(stage['description'], 'string')) refuse(`${subject} has a description that isn't text.`);
  if (!isOptional(stage['defaults'], 'function')) refuse(`${subject} has defaults that aren't a function.`);
  const shape = isRecord(stage['schema']) ? stage['schema']['shape'] : undefined;
  if (!isRecord(shape)) refuse(`${subject} has no zod object as its schema.`);
  if ('use' in shape) refuse(`${subject} has a key "use", which is the pipeline's own.`);
}

function refuse(message: string, cause?: unknown): never {
  throw new PluginError('plugin/invalid', message, {
    cause,
    hint: 'A plugin is what definePlugin({ name, apiVersion, stages }) returns.',
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isFileName = (value: unknown): boolean => typeof value === 'string' && /^(?!\.+$)[^/\\]+$/.test(value);
const isOptional = (value: unknown, type: 'string' | 'function'): boolean =>
  value === undefined || typeof value === type;
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');
