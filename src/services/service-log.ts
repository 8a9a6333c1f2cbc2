import { type Logger, pino } from 'pino';
import { errorForLog } from '../error-for-log.js';
import { logDestination } from '../outputs.js';

/** For what a service cannot tell its caller. On standard error: commands print their results on the other one. */
export const serviceLog = (name: string): Logger =>
  pino({ name, serializers: { err: errorForLog } }, logDestination(2));
