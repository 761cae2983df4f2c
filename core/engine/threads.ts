import { availableParallelism } from 'node:os';

/** Threads that one operation may use. */
export const threads = (): number => Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism();
