import { checkBuiltIn } from './built-in.js';

const optimizer = { use: 'adam', learningRate: 0.01 };

checkBuiltIn('metaStep', {
  none: [{}],
  'meta-gradient': [
    { keys: { optimizer }, refuses: [{ method: 'guess' }, { optimizer: { use: 'none' } }] },
    { keys: { optimizer, schedule: 'interleaved' } },
    { keys: { optimizer, schedule: 'streaming' } },
    { keys: { optimizer, schedule: { every: 2 } } },
  ],
});
