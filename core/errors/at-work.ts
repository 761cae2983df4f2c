import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The stage that is at work, as `loss "focal" of plugin basics`, for as long as it is: across the timers and promises that it
 * leaves behind too, so that what nobody catches there can be laid at its door.
 */
export const stageAtWork = new AsyncLocalStorage<string>();
