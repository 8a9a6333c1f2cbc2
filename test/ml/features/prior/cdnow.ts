import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RfmColumns } from '../../../../src/ml/features/prior/rfm-summary.js';

const FOLDER = '../shared/data/cdnow';
const DAY = 86_400_000;
/** Last day of the 39 calibration weeks, included; the 39 holdout weeks follow. */
const CALIBRATION_END = Date.UTC(1997, 8, 30);

export const HOLDOUT_DAYS = 273;

export interface CdnowCohort {
  customers: RfmColumns;
  holdoutPurchases: Float64Array;
  holdoutValue: Float64Array;
}

export const hasCdnow = existsSync(`${FOLDER}/CDNOW_sample.txt`) && existsSync(`${FOLDER}/CDNOW_master.txt.gz`);
if (!hasCdnow) console.warn(`CDNOW reference tests are skipped: ${FOLDER} is missing.`);

/** The systematic 1/10 sample: 2,357 customers. */
export function readCdnowSample(): CdnowCohort {
  return summarise(readFileSync(`${FOLDER}/CDNOW_sample.txt`, 'utf8').split('\n'), { date: 2, value: 4 });
}

/** All 23,570 customers. */
export function readCdnowMaster(): CdnowCohort {
  const text = gunzipSync(readFileSync(`${FOLDER}/CDNOW_master.txt.gz`)).toString('utf8');
  return summarise(text.split('\n').slice(1), { date: 1, value: 3 });
}

/** As the published models see customers: of the first purchase they know the day only. */
export function withoutFirstValues(customers: RfmColumns): RfmColumns {
  return { ...customers, firstValue: new Float64Array(customers.frequency.length) };
}

/** Records of one day are one purchase occasion, as in the literature; days without money count too. */
function summarise(lines: string[], field: { date: number; value: number }): CdnowCohort {
  const customers = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const fields = line.trim().split(/\s+/);
    const [id, date] = [fields[0], fields[field.date]];
    if (!id || !date) continue;
    const day = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6)));
    const days = customers.get(id) ?? new Map<number, number>();
    days.set(day, (days.get(day) ?? 0) + Number(fields[field.value]));
    customers.set(id, days);
  }
  const column = () => new Float64Array(customers.size);
  const result = {
    customers: { frequency: column(), recency: column(), age: column(), monetary: column(), firstValue: column() },
    holdoutPurchases: column(),
    holdoutValue: column(),
  };
  let row = 0;
  for (const days of customers.values()) {
    const dates = [...days.keys()].toSorted((left, right) => left - right);
    const known = dates.filter((date) => date <= CALIBRATION_END);
    const later = dates.filter((date) => date > CALIBRATION_END);
    const sum = (some: number[]) => some.reduce((total, date) => total + days.get(date)!, 0);
    const { frequency, recency, age, monetary, firstValue } = result.customers;
    frequency[row] = known.length - 1;
    recency[row] = (known.at(-1)! - known[0]!) / DAY;
    age[row] = (CALIBRATION_END - known[0]!) / DAY;
    monetary[row] = known.length > 1 ? sum(known.slice(1)) / (known.length - 1) : 0;
    firstValue[row] = days.get(known[0]!)!;
    result.holdoutPurchases[row] = later.length;
    result.holdoutValue[row] = sum(later);
    row++;
  }
  return result;
}
