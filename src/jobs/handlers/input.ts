import { z } from 'zod';
import { longestHorizonDays } from '../../ml/features/horizon-limits.js';
import { parsedBy } from '../../services/zod-problems.js';

/** Dates in a run's input are ISO date-times: it is JSON. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
export const horizonDays = z.number().int().min(1).max(longestHorizonDays);

/** @throws ClvError BAD_USER_INPUT naming every wrong field */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  return parsedBy(schema, input, "The run's input is wrong.");
}
