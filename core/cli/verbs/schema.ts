import { jsonSchema, loadCatalog } from '../../config/index.js';
import { loadOptions } from '../shell.js';
import { action, type Call, examples, type Verb } from '../verb.js';

/** `auxflow schema [FILE]` */
export const schema: Verb = (program, shell, exit) => {
  program
    .command('schema')
    .summary('print the JSON Schema of pipeline files, for editors')
    .description('Prints the JSON Schema of pipeline files, for completion and checks in editors.')
    .argument('[file]', 'pipeline file whose own plugins are described too')
    .addHelpText('after', examples('auxflow schema > pipeline.schema.json'))
    .action(action(shell, exit, printSchema));
};

async function printSchema({ shell, terminal }: Call<object>, file?: string): Promise<number> {
  const described = jsonSchema(await loadCatalog(file ?? {}, loadOptions(shell, {})));
  terminal.result(described, () => JSON.stringify(described, undefined, 2));
  return 0;
}
