import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { PluginError } from '../../errors/index.js';
import { nearest } from '../../plugins/index.js';
import { stageName, type Template, templates, writePluginPackage } from '../plugin-package.js';
import type { Shell } from '../shell.js';
import { action, type Call, examples, type Verb } from '../verb.js';

interface CreateOptions {
  readonly stage: Template;
}

/** `auxflow create-plugin NAME` */
export const createPlugin: Verb = (program, shell, exit) => {
  program
    .command('create-plugin')
    .summary('write a package with a plugin that works, to be changed')
    .description('Writes a package with one working stage, its tests, README and a pipeline, into a new folder.')
    .argument('<name>', 'of the package, such as my-labels or @me/my-labels; the folder has its last part', nameOf)
    .addOption(
      new Option('--stage <kind>', `what it brings: ${Object.keys(templates).join(', ')}`)
        .argParser(templateOf)
        .default('auxiliary-labels'),
    )
    .addHelpText(
      'after',
      examples('auxflow create-plugin brightness-labels', 'auxflow create-plugin brier --stage loss'),
    )
    .action(action(shell, exit, create));
};

async function create({ shell, terminal, options }: Call<CreateOptions>, name: string): Promise<number> {
  refuseTaken(shell, name, options.stage);
  const written = await writePluginPackage(resolve(shell.cwd, stageName(name)), name, options.stage);
  terminal.result(written, () =>
    [
      ...written.files.map((file) => `written: ${join(stageName(name), file)}`),
      ...(written.linked === undefined ? [] : [`linked:  auxflow, from ${written.linked}`]),
      '',
      'Next:',
      `  cd ${stageName(name)}`,
      '  npm test',
      '  npx auxflow run pipeline.yaml',
    ].join('\n'),
  );
  return 0;
}

/** Names that npm refuses. */
const reserved = ['node_modules', 'favicon.ico'];

/** Built-in plugins are always loaded, so nothing else can have their names; nor can it have those of other modules around it. */
function refuseTaken({ plugins }: Shell, name: string, template: Template): void {
  const kind = templates[template];
  const stage = stageName(name);
  if (name === 'auxflow') throw taken(`"${name}" is the name of what plugins import already.`);
  if (isBuiltin(name)) throw taken(`"${name}" is the name of a module of Node's own already.`);
  if (reserved.includes(stage)) throw taken(`"${stage}" is a name that npm keeps to itself.`);
  const owner = plugins.find(
    (plugin) => plugin.name === name || plugin.stages[kind]?.some((definition) => definition.name === stage),
  );
  if (!owner) return;
  const what = owner.name === name ? 'a built-in plugin' : `the ${kind} of the built-in plugin "${owner.name}"`;
  throw taken(`"${stage}" is the name of ${what} already.`);
}

const taken = (message: string): PluginError =>
  new PluginError('plugin/name-taken', message, { hint: 'Choose another name.' });

/** @throws InvalidArgumentError for what npm would refuse, or no class could be named after */
function nameOf(text: string): string {
  if (text.length <= 214 && /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z][a-z0-9]*([._-][a-z0-9]+)*$/.test(text)) return text;
  throw new InvalidArgumentError('Expected lower-case letters, digits and dashes, such as my-labels or @me/my-labels.');
}

/** @throws InvalidArgumentError for a kind of stage that has no template */
function templateOf(text: string): Template {
  if (Object.hasOwn(templates, text)) return text as Template;
  const close = nearest(text, Object.keys(templates));
  throw new InvalidArgumentError(
    `${close === undefined ? '' : `Did you mean "${close}"? `}Known: ${Object.keys(templates).join(', ')}.`,
  );
}
