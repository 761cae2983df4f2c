import { loadCatalog } from '../../config/index.js';
import { stageKinds, type Plugin } from '../../plugins/index.js';
import { loadOptions } from '../shell.js';
import { action, type Call, examples, type Verb } from '../verb.js';

/** `auxflow plugins [FILE]` */
export const plugins: Verb = (program, shell, exit) => {
  program
    .command('plugins')
    .summary('list the plugins and what they provide')
    .description('Lists the plugins and the stages they provide.')
    .argument('[file]', 'pipeline file whose own plugins are listed too')
    .addHelpText('after', examples('auxflow plugins', 'auxflow plugins my-pipeline.yaml --json'))
    .action(action(shell, exit, listPlugins));
};

async function listPlugins({ shell, terminal }: Call<object>, file?: string): Promise<number> {
  const catalog = await loadCatalog(file ?? {}, loadOptions(shell, {}));
  terminal.result({ plugins: catalog.plugins.map(describe) }, () => catalog.plugins.map(block).join('\n\n'));
  return 0;
}

const describe = (plugin: Plugin) => ({
  name: plugin.name,
  version: plugin.version,
  apiVersion: plugin.apiVersion,
  requires: plugin.requires ?? [],
  stages: stagesOf(plugin),
});

const stagesOf = ({ stages }: Plugin) =>
  stageKinds.flatMap((kind) => (stages[kind] ?? []).map(({ name, description }) => ({ kind, name, description })));

function block(plugin: Plugin): string {
  const { name, version, requires = [] } = plugin;
  const head = [
    name,
    ...(version === undefined ? [] : [version]),
    ...(requires.length > 0 ? [`(requires ${requires.join(', ')})`] : []),
  ];
  const rows = stagesOf(plugin).map(
    (stage) => `  ${stage.kind.padEnd(10)} ${stage.name.padEnd(18)} ${stage.description}`,
  );
  return [head.join(' '), ...rows].join('\n');
}
