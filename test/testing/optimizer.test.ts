import { checkBuiltIn } from './built-in.js';

const learningRate = 0.05;

checkBuiltIn('optimizer', {
  sgd: [
    { keys: { learningRate, weightDecay: 0.01 }, refuses: [{ learningRate: 'fast' }, { nesterov: true }] },
    { keys: { learningRate, momentum: 0.9, nesterov: true, clipNorm: 0.5 } },
  ],
  adam: [{ keys: { learningRate, weightDecay: 0.01 }, refuses: [{ learningRate: -1 }] }],
  adamw: [{ keys: { learningRate, weightDecay: 0.01 } }],
});
