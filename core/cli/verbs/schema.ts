import { jsonSchema, loadCatalog, reference } from '../../config/index.js';
import { loadOptions } from '../shell.js';
import { action, type Call, examples, type Verb } from '../verb.js';

/** `auxflow schema [FILE]` */
export const schema: Verb = (program, shell, exit) => {
  program
    .command('schema')
    .summary('print the JSON Schema of pipeline files, for editors')
    .description('Prints the JSON Schema of pipeline files, for completion and checks in editors.')
    .argument('[file]', 'pipeline file whose own plugins are described too')
    .option('--markdown', 'print every key as a page for people instead')
    .addHelpText('after', examples('auxflow schema > pipeline.schema.json', 'auxflow schema --markdown > keys.md'))
    .action(action(shell, exit, printSchema));
};

async function printSchema(
  { shell, terminal, options }: Call<{ readonly markdown?: boolean }>,
  file?: string,
): Promise<number> {
  const catalog = await loadCatalog(file ?? {}, loadOptions(shell, {}));
  if (options.markdown) {
    shell.stdout.write(reference(catalog));
    return 0;
  }
  const described = jsonSchema(catalog);
  terminal.result(described, () => JSON.stringify(described, undefined, 2));
  return 0;
}
