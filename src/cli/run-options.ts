import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { isDay } from '../days.js';
import { identity } from '../id-forms.js';
import { longestHorizonDays } from '../ml/features/horizon-limits.js';
import { localId } from '../schema/global-id.js';
import { builtInBase } from '../services/models/base-checkpoint.js';

/** What stands for the present date. */
const presentDefault =
  'default: CLVGRAPH_AS_OF; where that is auto, today, or the day after the last purchase if that was more than 60 days ago';

/**
 * An ISO date or date-time, which stands for its day in UTC.
 * @param whenNotGiven what is taken where the option is not given, in words
 */
export function asOfOption(whenNotGiven = presentDefault): Option {
  const description = `nothing of this day (UTC) or later is looked at, e.g. 2026-11-01 (${whenNotGiven})`;
  return new Option('--as-of <date>', description).argParser(instant);
}

const isoInstant = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;

function instant(text: string): Date {
  const day = isoInstant.exec(text)?.[1] ?? '';
  const date = new Date(text);
  if (!Number.isNaN(date.getTime()) && isDay(day)) return date;
  throw new InvalidArgumentError('It must be a date like 2026-11-01, or an instant like 2026-11-01T12:00:00Z.');
}

/** @param shortest in days */
export function horizonOption(shortest = 1): Option {
  const range = `${shortest} to ${longestHorizonDays}`;
  return new Option(
    '--horizon-days <days>',
    `length of the horizon, ${range} (default: CLVGRAPH_HORIZON_DAYS)`,
  ).argParser(wholeNumber(shortest, longestHorizonDays));
}

/** Reads an id as the commands print it or as the API shows it. The API's ids contain the type: one of a snapshot names no model. */
export const id =
  (type: 'ModelVersion' | 'Snapshot') =>
  (text: string): string => {
    if (identity.test(text)) return text;
    try {
      return localId(type, text);
    } catch {
      throw new InvalidArgumentError(
        `It must be a whole number, as the commands print it, or the API's id of a ${type}.`,
      );
    }
  };

/** Makes the path of a folder absolute, since the worker that takes the run may have another current folder. */
export function base(given: string): string {
  const folder = resolve(given);
  const isFolder = given !== builtInBase && statSync(folder, { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? folder : given;
}

/** Reads names that are separated by commas. */
export function names(text: string): string[] {
  const given = text.split(',').map((name) => name.trim());
  if (given.every((name) => name !== '')) return given;
  throw new InvalidArgumentError('It must be names with commas between them, like channel,plan.');
}

/** Reads a whole number from `least` to `most`. Others are refused at once, before a run is started that would fail. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

export function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export interface PeriodFlags {
  readonly asOf?: Date;
  readonly horizonDays?: number;
}
