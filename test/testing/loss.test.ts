import { checkBuiltIn } from './built-in.js';

checkBuiltIn('loss', {
  focal: [{ keys: { gamma: 2 }, refuses: [{ gamma: -1 }, { gamma: 'two' }] }, { keys: { gamma: 0.5 } }],
  'cross-entropy': [{}],
});
