#!/usr/bin/env node
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup/setup.mjs';

process.exitCode = await setup(resolve(fileURLToPath(import.meta.url), '..', '..'), process.argv.slice(2));
