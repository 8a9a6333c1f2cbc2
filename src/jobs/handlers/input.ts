import { z } from 'zod';
import { ClvError } from '../../errors.js';
import { servingAsOf } from '../../services/predictions/serving-as-of.js';
import type { JobContext } from '../job.js';
import { longestHorizonDays } from '../../ml/features/longest-horizon.js';

/** Dates in a run's input are ISO date-times: it is JSON. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
export const horizonDays = z.number().int().min(1).max(longestHorizonDays);

/** @throws ClvError BAD_USER_INPUT naming every wrong field */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ClvError('BAD_USER_INPUT', `The run's input is wrong. ${problems.join('; ')}`);
}

/** What a run means by "now" where it names no as-of date. */
export function presentAsOf({ dataSource, config }: JobContext): Promise<Date> {
  return servingAsOf(dataSource, config, null);
}
