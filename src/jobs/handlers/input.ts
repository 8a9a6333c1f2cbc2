import { z } from 'zod';
import { ModelVersion } from '../../entities/index.js';
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

export function activeModel({ dataSource }: Pick<JobContext, 'dataSource'>): Promise<ModelVersion | null> {
  return dataSource.manager.findOneBy(ModelVersion, { state: 'ACTIVE' });
}

/** The model that is named, or the active one. @throws ClvError NOT_FOUND, MODEL_NOT_READY */
export async function modelOf(context: JobContext, id: string | undefined): Promise<ModelVersion> {
  if (id === undefined) {
    const active = await activeModel(context);
    if (active) return active;
    throw new ClvError('MODEL_NOT_READY', 'No model is active. Fine-tune one and promote it first.');
  }
  const model = await context.dataSource.manager.findOneBy(ModelVersion, { id });
  return model ?? noSuchModel(id);
}

function noSuchModel(id: string): never {
  throw new ClvError('NOT_FOUND', `There is no model ${id}.`);
}

/** What a run means by "now" where it names no as-of date. */
export function presentAsOf({ dataSource, config }: JobContext): Promise<Date> {
  return servingAsOf(dataSource, config, null);
}
