import { builtIn, defaults } from './built-in.js';
import { parity } from './maxl/parity/main.js';

process.exitCode = await parity(process.argv.slice(2), builtIn, defaults);
