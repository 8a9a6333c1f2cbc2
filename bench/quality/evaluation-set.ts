import { ClvError } from '../../src/errors.js';
import { zilnInterval } from '../../src/ml/model/ziln-distribution.js';
import { Table } from './csv.js';
import { type FoldName, foldsOf, type Protocol } from './protocols.js';
import { type PredictionRecord, readRecord } from './records.js';
import { checksumOf, filesOf, predictionsIn } from './work-folder.js';

/** Distribution columns of the customers who have features; those without come after them and have none. */
export interface Run {
  /** Seed of each fold. */
  readonly seeds: readonly number[];
  /** Of all customers, in currency. */
  readonly expected: Float64Array;
  readonly probability: Float64Array | null;
  readonly ziln: Record<'logit' | 'mu' | 'sigma', Float64Array> | null;
  readonly intervals: Record<'lower80' | 'upper80' | 'lower95' | 'upper95', Float64Array> | null;
}

export interface Contestant {
  readonly name: string;
  /** Whether it is ours or a variant of it; all others are peers. */
  readonly ours: boolean;
  /** One a seed. */
  readonly runs: readonly Run[];
  /** One a file of predictions. */
  readonly records: readonly PredictionRecord[];
}

/** All test customers of a protocol, and everything that was predicted of them. */
export interface EvaluationSet {
  readonly protocol: Protocol;
  readonly customers: readonly string[];
  /** Net spend in the horizon, in currency. */
  readonly actual: Float64Array;
  /** Purchase days in the horizon. */
  readonly purchases: Float64Array;
  /** Number of customers with features; the rest is scored at 0 by everyone. */
  readonly withFeatures: number;
  /** A column of `test.csv`, NaN where empty, of the customers with features. */
  column(name: string): Float64Array;
  readonly contestants: readonly Contestant[];
}

interface Predictions {
  readonly model: string;
  readonly seed: number;
  readonly path: string;
  readonly record: PredictionRecord;
}

interface FoldTables {
  readonly test: Table;
  readonly zero: Table;
  readonly predictions: readonly Predictions[];
}

/** @throws ClvError INSUFFICIENT_DATA where a model lacks customers */
export async function readEvaluationSet(protocol: Protocol): Promise<EvaluationSet> {
  const folds = await Promise.all(
    foldsOf(protocol).map(async (fold): Promise<FoldTables> => {
      const files = filesOf(protocol, fold);
      const [test, zero] = [await Table.read(files.test), await Table.read(files.zero)];
      return { test, zero, predictions: await currentPredictions(protocol, fold) };
    }),
  );
  const tests = folds.map(({ test }) => test);
  const zeros = folds.map(({ zero }) => zero);
  const all = (name: string) => concat([...tests, ...zeros].map((table) => table.numbers(name)));
  const customers = [...tests, ...zeros].flatMap((table) => table.texts('customer'));
  const withFeatures = tests.reduce((sum, { length }) => sum + length, 0);
  return {
    protocol,
    customers,
    actual: all('actual'),
    purchases: all('purchases'),
    withFeatures,
    column: (name) => concat(tests.map((table) => table.numbersOrMissing(name))),
    contestants: await readContestants(protocol, folds, customers.length - withFeatures),
  };
}

/** Those made of the rows as they are exported now. */
async function currentPredictions(protocol: Protocol, fold: FoldName): Promise<Predictions[]> {
  const checksum = await checksumOf(filesOf(protocol, fold));
  const current: Predictions[] = [];
  for (const file of await predictionsIn(protocol, fold)) {
    const record = await readRecord(file.path);
    if (record?.data_sha256 === checksum) current.push({ ...file, record });
    else console.warn(`${file.path} is left out: it was made of other rows.`);
  }
  return current;
}

async function readContestants(
  protocol: Protocol,
  folds: readonly FoldTables[],
  without: number,
): Promise<Contestant[]> {
  const names = [...new Set(folds.flatMap(({ predictions }) => predictions.map(({ model }) => model)))];
  const contestants: Contestant[] = [];
  for (const name of names.toSorted()) {
    const files = folds.map(({ predictions }) =>
      predictions.filter(({ model }) => model === name).toSorted((a, b) => a.seed - b.seed),
    );
    const count = Math.min(...files.map(({ length }) => length));
    if (count === 0) {
      console.warn(`${protocol.id}: ${name} is left out, since a fold has no predictions of it yet.`);
      continue;
    }
    const runs: Run[] = [];
    const records: PredictionRecord[] = [];
    for (let i = 0; i < count; i++) {
      const chosen = files.map((fold) => fold[i]!);
      runs.push(await readRun(chosen, folds, without));
      records.push(...chosen.map(({ record }) => record));
    }
    contestants.push({ name, ours: records.every(({ ours }) => ours !== undefined), runs, records });
  }
  return contestants;
}

/** The same model in every fold, one after the other. */
async function readRun(
  files: readonly { path: string; seed: number }[],
  folds: readonly FoldTables[],
  without: number,
): Promise<Run> {
  const tables = await Promise.all(files.map(({ path }) => Table.read(path)));
  const places = tables.map((table, i) => placesIn(table, files[i]!.path, folds[i]!.test.texts('customer')));
  const column = (name: string): Float64Array | null => {
    if (!tables.every((table) => table.has(name))) return null;
    return concat(tables.map((table, i) => pick(table.numbers(name), places[i]!)));
  };
  const columns = <Name extends string>(...names: Name[]): Record<Name, Float64Array> | null => {
    const entries = names.map((name) => [name, column(name)] as const);
    if (entries.some(([, values]) => values === null)) return null;
    return Object.fromEntries(entries) as Record<Name, Float64Array>;
  };
  const zeros = new Float64Array(without);
  const probability = column('purchase_probability');
  const ziln = columns('logit', 'mu', 'sigma');
  return {
    seeds: files.map(({ seed }) => seed),
    expected: concat([column('expected_value')!, zeros]),
    probability: probability && concat([probability, zeros]),
    ziln,
    intervals: columns('lower80', 'upper80', 'lower95', 'upper95') ?? (ziln && intervalsOf(ziln)),
  };
}

/** Of a model that gives a distribution and no intervals of its own. */
function intervalsOf({ logit, mu, sigma }: NonNullable<Run['ziln']>): NonNullable<Run['intervals']> {
  const [inner, outer] = [0.8, 0.95].map((level) =>
    Array.from(logit, (value, i) => zilnInterval({ logit: value, mu: mu[i]!, sigma: sigma[i]! }, level)),
  );
  return {
    lower80: Float64Array.from(inner!, ({ lower }) => lower),
    upper80: Float64Array.from(inner!, ({ upper }) => upper),
    lower95: Float64Array.from(outer!, ({ lower }) => lower),
    upper95: Float64Array.from(outer!, ({ upper }) => upper),
  };
}

/** Where each of the customers is in a file of predictions. */
function placesIn(table: Table, path: string, customers: readonly string[]): number[] {
  const places = new Map(table.texts('customer').map((customer, place) => [customer, place]));
  return customers.map((customer) => {
    const place = places.get(customer);
    if (place !== undefined) return place;
    throw new ClvError('INSUFFICIENT_DATA', `${path} lacks customer ${customer}: every model predicts the same ones.`);
  });
}

const pick = (values: Float64Array, places: readonly number[]): Float64Array =>
  Float64Array.from(places, (place) => values[place]!);

function concat(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
