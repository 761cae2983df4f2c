import { stringify } from 'yaml';
import { loadPipeline, mermaid, showPipeline } from '../../config/index.js';
import { loadOptions, type ChangeOptions } from '../shell.js';
import { action, type Call, changes, examples, type Verb } from '../verb.js';

interface ShowOptions extends ChangeOptions {
  readonly mermaid?: boolean;
}

/** `auxflow show FILE` */
export const show: Verb = (program, shell, exit) => {
  changes(program.command('show'))
    .summary('print a pipeline with everything filled in')
    .description('Prints a pipeline as it would run: bases merged, defaults filled in, paths absolute.')
    .argument('<file>', 'pipeline file')
    .option('--mermaid', 'print the graph of stages as a Mermaid flowchart instead')
    .addHelpText('after', examples('auxflow show pipelines/quickstart.yaml', 'auxflow show a.yaml --mermaid > a.mmd'))
    .action(action(shell, exit, showFile));
};

async function showFile({ shell, terminal, options }: Call<ShowOptions>, file: string): Promise<number> {
  const pipeline = await loadPipeline(file, loadOptions(shell, options));
  if (options.mermaid) terminal.result({ mermaid: mermaid(pipeline) }, () => mermaid(pipeline));
  else
    terminal.result(showPipeline(pipeline), () => stringify(showPipeline(pipeline), { aliasDuplicateObjects: false }));
  return 0;
}
