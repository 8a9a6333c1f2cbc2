import { dayMs } from '../../src/days.js';
import type { ImportMapping } from '../../src/services/ingestion/import.types.js';
import { presets } from '../../src/services/ingestion/mapping/presets.js';

export interface DataSet {
  /** Also the name of its database. */
  readonly name: 'cdnow' | 'online_retail_ii' | `simulated_${string}`;
  readonly title: string;
  /** Below the folder of the data. */
  readonly file: string;
  /** Where it is published, and what was done to it. */
  readonly source: string;
  readonly mapping: ImportMapping;
  readonly currency: string;
  /**
   * Whether customers whose orders before the as-of date leave no purchase occasion (CDNOW: 70 with $0 orders only) are
   * scored all the same, at 0 by every model, so that the published number of customers is kept.
   */
  readonly scoresEveryCustomer: boolean;
  /**
   * Finds the days of the lines, in the order of time, of a file that names products or countries otherwise in later
   * lines: those names are taken from the lines before the as-of date.
   */
  readonly days?: RegExp;
  /** Events of the same customers, below the same folder. */
  readonly events?: { readonly file: string; readonly mapping: ImportMapping };
}

/** Labels that training may see. */
type LabelSource = 'temporal' | 'customer-split';

export const protocolIds = ['P1', 'P2', 'P3', 'P4', 'P5'] as const;
export type ProtocolId = (typeof protocolIds)[number];

export interface Protocol<Id extends string = string> {
  readonly id: Id;
  readonly data: DataSet;
  /** Exclusive: what is dated at or after this instant is the future. */
  readonly asOf: Date;
  readonly horizonDays: number;
  readonly labels: LabelSource;
  /** States where training labels come from. */
  readonly title: string;
  /** `final`: not to be tuned on; every run is logged. */
  readonly use: 'final' | 'tuning';
}

const cdnow: DataSet = {
  name: 'cdnow',
  title: 'CDNOW master',
  file: 'cdnow/CDNOW_master.txt.gz',
  source: 'CDNOW_master.txt of brucehardie.com/datasets, gzipped',
  mapping: presets.cdnow,
  currency: 'USD',
  scoresEveryCustomer: true,
};

export const onlineRetail: DataSet = {
  name: 'online_retail_ii',
  title: 'Online Retail II',
  file: 'online-retail-ii/online_retail_ii.csv.gz',
  source:
    'Online Retail II of the UCI Machine Learning Repository (CC BY 4.0), its two sheets as one CSV without the 22,523 ' +
    'lines that both have, gzipped',
  mapping: presets['online-retail'],
  currency: 'GBP',
  scoresEveryCustomer: false,
  days: /,(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}:\d{2},/g,
};

type Definition<Id> = readonly [Id, DataSet, asOf: string, horizonDays: number, LabelSource, Protocol['use']];

const labelSources: Record<LabelSource, string> = {
  temporal: 'labels from windows closed by the as-of date',
  'customer-split': 'labels of other customers over the same window, 5-fold split of customers',
};

export const protocolOf = <Id extends string>(
  ...[id, data, asOf, horizonDays, labels, use]: Definition<Id>
): Protocol<Id> => ({
  id,
  data,
  asOf: new Date(asOf),
  horizonDays,
  labels,
  use,
  title: `${id}: ${data.title}, as of ${asOf}, ${horizonDays} days ahead; ${labelSources[labels]}`,
});

export const protocols: readonly Protocol<ProtocolId>[] = [
  // Calibration "to 1997-09-30" includes that day.
  protocolOf('P1', cdnow, '1997-10-01', 273, 'temporal', 'final'),
  protocolOf('P2', cdnow, '1997-10-01', 273, 'customer-split', 'tuning'),
  protocolOf('P3', onlineRetail, '2010-12-01', 365, 'temporal', 'final'),
  protocolOf('P4', onlineRetail, '2011-06-01', 180, 'temporal', 'tuning'),
  protocolOf('P5', onlineRetail, '2010-12-01', 365, 'customer-split', 'final'),
];

/** Those with these ids; without ids, all. */
export function chosenOf(from: readonly Protocol[], ids: readonly string[]): readonly Protocol[] {
  return ids.length === 0 ? from : from.filter(({ id }) => ids.includes(id));
}

export const foldCount = 5;
export type FoldName = 'all' | `fold${number}`;

const splitFolds = Array.from({ length: foldCount }, (_, i) => `fold${i + 1}` as const);
export const foldNames: readonly FoldName[] = ['all', ...splitFolds];

export function foldsOf({ labels }: Protocol): FoldName[] {
  return labels === 'temporal' ? ['all'] : [...splitFolds];
}

/** As-of date of what training may see: in a customer split, the labels of the other customers as well. */
export function trainingAsOf({ labels, asOf, horizonDays }: Protocol): Date {
  return labels === 'temporal' ? asOf : new Date(asOf.getTime() + horizonDays * dayMs);
}

/** Seeds of our model in a fold: a customer split takes a seed of its own in each fold. */
export function seedsOf(protocol: Protocol, fold: FoldName, count: number): number[] {
  const first = protocol.labels === 'temporal' ? 0 : foldsOf(protocol).indexOf(fold);
  return Array.from({ length: count }, (_, i) => ((first + i) % 5) + 1);
}

/** Seeds where the caller names none: five models a protocol, whether in one fold or in five. */
export function defaultSeeds({ labels }: Protocol): number {
  return labels === 'temporal' ? 5 : 1;
}
