import { checkBuiltIn } from './built-in.js';

checkBuiltIn('schedule', {
  constant: [{ keys: { initial: 0.05 }, refuses: [{ initial: 'high' }] }],
  step: [{ keys: { initial: 0.05, every: 1 }, runs: false }],
  cosine: [{ keys: { initial: 0.05 }, runs: false }],
});
