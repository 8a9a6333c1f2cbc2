import type { JobHandlers } from '../job.js';

/** What a worker does for each kind of run. */
export const jobHandlers: JobHandlers = {};
