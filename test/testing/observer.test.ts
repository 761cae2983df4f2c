import { afterAll } from '@jest/globals';
import { FakeMlflow } from '../trackers/fake-mlflow.js';
import { checkBuiltIn } from './built-in.js';

const server = new FakeMlflow();
await server.up();
afterAll(() => server.down());

checkBuiltIn('observer', {
  tensorboard: [{ keys: { every: 1 }, refuses: [{ every: -1 }, { folder: 3 }] }],
  mlflow: [{ keys: { url: server.url, every: 1 }, refuses: [{ url: 'here' }, { patience: 0 }] }],
});
