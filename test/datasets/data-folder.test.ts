import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { dataFolder } from '../../core/datasets/index.js';

describe('dataFolder', () => {
  it('is where the environment says, and in the home cache otherwise', () => {
    const cache = join('/cache', 'auxflow', 'data', 'svhn');
    expect(dataFolder('svhn', { AUXFLOW_DATA: '/data', XDG_CACHE_HOME: '/cache' })).toBe(join('/data', 'svhn'));
    expect(dataFolder('svhn', { AUXFLOW_DATA: '', XDG_CACHE_HOME: '/cache' })).toBe(cache);
    expect(dataFolder('svhn', {})).toBe(join(homedir(), '.cache', 'auxflow', 'data', 'svhn'));
  });
});
