import { checkBuiltIn } from './built-in.js';

checkBuiltIn('loss', {
  focal: [{ keys: { gamma: 2 }, refuses: [{ gamma: -1 }, { gamma: 'two' }] }, { keys: { gamma: 0.5 } }],
  'cross-entropy': [{}],
  'mean-squared-error': [
    { pipeline: { dataset: { use: 'testing-numbers', train: 24, validation: 6, heldOut: 6, batch: 6 } } },
  ],
});
