import { join } from 'node:path';
import { stringify } from 'yaml';
import { replaceFile } from '../checkpoint/index.js';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';

/** Writes the resolved pipeline to `config.yaml` as the run starts; `auxflow run config.yaml` repeats the run. */
export const configFile = (directory: string): Observer => ({
  name: 'config-file',
  observe: (events) =>
    follow(events, (event) => {
      if (event.type !== 'run:start') return;
      replaceFile(join(directory, 'config.yaml'), stringify(event.config, { aliasDuplicateObjects: false }));
    }),
});
