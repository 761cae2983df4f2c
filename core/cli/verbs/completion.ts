import { Argument } from 'commander';
import { loadCatalog, stageKeys } from '../../config/index.js';
import type { Catalog } from '../../plugins/index.js';
import { runStates } from '../../runs/index.js';
import { bash } from '../completion/bash.js';
import { fish } from '../completion/fish.js';
import { type Values, wordsOf } from '../completion/words.js';
import { zsh } from '../completion/zsh.js';
import { sourcesOf } from '../data/sources.js';
import { ownObservers } from '../replay-observers.js';
import { loadOptions } from '../shell.js';
import { action, examples, type Verb } from '../verb.js';

const scripts = { bash, zsh, fish };

/** `auxflow completion SHELL` */
export const completion: Verb = (program, shell, exit) => {
  program
    .command('completion')
    .summary('print a script that completes the command line')
    .description(
      'Prints a script by which a shell completes verbs, options, names of strategies and other stages, runs and files. It knows ' +
        'all names itself and never starts auxflow; print it again after an update.',
    )
    .addArgument(new Argument('<shell>', 'the shell that reads it').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      examples(
        'auxflow completion bash > ~/.local/share/bash-completion/completions/auxflow',
        'auxflow completion zsh > ~/.zfunc/_auxflow',
        'auxflow completion fish > ~/.config/fish/completions/auxflow.fish',
      ),
    )
    .action(
      action(shell, exit, async ({ terminal }, name) => {
        const script = scripts[name as keyof typeof scripts](
          wordsOf(program, namesIn(await loadCatalog({}, loadOptions(shell, {})))),
        );
        terminal.result({ shell: name, script }, () => script);
        return 0;
      }),
    );
};

/** The values that come from plugins. */
function namesIn(catalog: Catalog): Readonly<Record<string, Values>> {
  const words = (names: readonly string[]): Values => ({ kind: 'words', words: names });
  const list = (names: readonly string[]): Values => ({ kind: 'list', words: names });
  const strategies = catalog.names('auxiliary');
  const uses = Object.entries(stageKeys).flatMap(([key, kind]) =>
    catalog.names(kind).map((name) => `${key}.use=${name}`),
  );
  return {
    '--strategies': list(strategies),
    '--strategy': words(strategies),
    '--dataset': words(catalog.names('dataset')),
    '--observer': words([...ownObservers, ...catalog.names('observer')]),
    '--state': list(runStates),
    '--set': words(uses),
    // The keys of an observer, whichever it is.
    'replay --set': words([]),
    'data fetch': words([...sourcesOf(catalog).keys()]),
  };
}
