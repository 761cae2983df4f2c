import { checkBuiltIn } from './built-in.js';

checkBuiltIn('combiner', {
  sum: [{ keys: { auxiliaryWeight: 0.5 }, refuses: [{ auxiliaryWeight: -1 }] }],
  'cosine-gate': [{}],
  pcgrad: [{}],
  uncertainty: [{ refuses: [{ learningRate: 0 }] }],
  gradnorm: [{}],
});
