import { type Logger, pino } from 'pino';
import { errorForLog } from '../error-for-log.js';
import { logDestination } from '../outputs.js';

/** The log of a service, for what it cannot tell its caller. It is on standard error, since commands print results on standard output. */
export const serviceLog = (name: string): Logger =>
  pino({ name, serializers: { err: errorForLog } }, logDestination(2));
