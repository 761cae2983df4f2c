export { main } from './main.js';
export type { ShellOptions } from './shell.js';
