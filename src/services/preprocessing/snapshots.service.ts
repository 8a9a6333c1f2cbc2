import type { DataSource } from 'typeorm';
import { Snapshot, type SnapshotSplit } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { featureDefinitions } from '../../ml/features/feature-definitions.js';
import type { NarrativeSpan } from '../../ml/features/feature-group.js';
import type { FeatureDefinition, FeatureRow, TrainingWindow } from '../../ml/features/feature-row.js';
import type { OutlookPoint } from '../../ml/features/prior/base-outlook.js';
import type { BtydPrior } from '../../ml/features/prior/fit-prior.js';
import type { Scaler } from '../../ml/features/scaler.js';
import type { SpendHistory } from '../../ml/features/spend-history.js';
import type { SnapshotReport } from './snapshot-report.js';
import { noSuch } from '../no-such.js';

/** A finished snapshot without its rows. */
export interface SnapshotContent {
  readonly id: string;
  readonly asOf: Date;
  readonly horizonDays: number;
  /** Attributes that its models read. */
  readonly covariates: readonly string[];
  readonly scaler: Scaler;
  /** Fitted as of `asOf`, for serving. */
  readonly prior: BtydPrior;
  /** Of all customers, not of the sample that rows are made of. */
  readonly spend: SpendHistory;
  /** As of `asOf`, from the longest learnt horizon on. */
  readonly outlook: readonly OutlookPoint[];
  /** What `prior` expects a day of the customers to be scored; see `dailyValues`. */
  readonly dailyValues: readonly number[];
  /** Each with the prior that its rows are read with. */
  readonly windows: readonly (TrainingWindow & { readonly prior: BtydPrior })[];
  readonly report: SnapshotReport;
  /** Of both splits. */
  readonly rowCount: number;
}

/** What `Snapshot.scaler` keeps. */
type LearntContent = Pick<SnapshotContent, 'scaler' | 'prior' | 'spend' | 'outlook' | 'dailyValues'>;

/** One customer in one training window. */
export interface SnapshotExample {
  readonly row: FeatureRow;
  /** Position in `SnapshotContent.windows`. */
  readonly window: number;
  readonly split: SnapshotSplit;
  /** Net spend in the window's horizon, in currency. */
  readonly label: number;
}

/**
 * @throws ClvError NOT_FOUND; CONFLICT for one that an earlier version made
 */
export async function readSnapshot(dataSource: DataSource, id: string): Promise<SnapshotContent> {
  const snapshot = await requireComplete(dataSource, id);
  requireOfThisVersion(snapshot);
  const report = snapshot.report as SnapshotReport;
  return {
    id: snapshot.id,
    asOf: snapshot.asOf,
    horizonDays: snapshot.horizonDays,
    covariates: snapshot.covariates,
    ...(snapshot.scaler as LearntContent),
    windows: snapshot.windows as SnapshotContent['windows'],
    report,
    rowCount: report.rows.train + report.rows.validation,
  };
}

/** @throws ClvError NOT_FOUND */
async function requireComplete(dataSource: DataSource, id: string): Promise<Snapshot> {
  const snapshot = await dataSource.manager.findOneBy(Snapshot, { id });
  if (snapshot?.completedAt) return snapshot;
  throw noSuch('complete snapshot', id, 'Start a preprocessing run to make one.');
}

/** @throws ClvError CONFLICT for one that an earlier version made */
export function requireOfThisVersion(snapshot: Snapshot): void {
  if (isOfThisVersion(snapshot)) return;
  throw new ClvError(
    'CONFLICT',
    `Snapshot ${snapshot.id} was made by an earlier version, with other features or less beside its rows. ` +
      'Make a new one by startPreprocessing or clvgraph preprocess; startRetrain makes one by itself, and trains on it.',
  );
}

/** Whether it has the features of this version, and all that this one reads beside its rows. */
export function isOfThisVersion({ featureSchema, scaler }: Snapshot): boolean {
  const names = (schema: readonly FeatureDefinition[]) => schema.map(({ name }) => name).join(' ');
  return (
    names(featureSchema as FeatureDefinition[]) === names(featureDefinitions) &&
    (scaler as Partial<LearntContent>).spend !== undefined
  );
}

const readBatch = 5_000;

interface StoredRow {
  window: number;
  customer_id: string;
  split: SnapshotSplit;
  features: (number | null)[];
  narrative: NarrativeSpan[];
  label: number;
}

const columns = '"window", customer_id, split, features, narrative, label';

/**
 * The snapshot's rows in batches, by window and customer id: always in the same order.
 * @throws ClvError NOT_FOUND at the end where it was deleted meanwhile, since rows may be missing then
 */
export async function* iterateSnapshotRows(
  dataSource: DataSource,
  { id, windows }: Pick<SnapshotContent, 'id' | 'windows'>,
  split?: SnapshotSplit,
): AsyncGenerator<SnapshotExample[]> {
  let last: Pick<StoredRow, 'window' | 'customer_id'> = { window: -1, customer_id: '0' };
  for (;;) {
    const rows = await dataSource.query<StoredRow[]>(
      `select ${columns} from snapshot_row
       where snapshot_id = $1 and ("window", customer_id) > ($2::smallint, $3::bigint)
         and ($4::snapshot_split is null or split = $4)
       order by "window", customer_id limit $5`,
      [id, last.window, last.customer_id, split ?? null, readBatch],
    );
    if (rows.length === 0) break;
    yield rows.map((row) => toExample(row, windows));
    last = rows.at(-1)!;
  }
  await requireComplete(dataSource, id);
}

/** Some rows for people to look at: always the same ones, from all over the snapshot; none once it is deleted. */
export async function sampleRows(
  dataSource: DataSource,
  { id, windows }: { readonly id: string; readonly windows: readonly unknown[] },
  first: number,
): Promise<SnapshotExample[]> {
  const rows = await dataSource.query<StoredRow[]>(
    `select ${columns} from snapshot_row where snapshot_id = $1
     order by md5(customer_id || ' ' || "window"), customer_id, "window" limit $2`,
    [id, first],
  );
  return rows.map((row) => toExample(row, windows as SnapshotContent['windows']));
}

function toExample(row: StoredRow, windows: SnapshotContent['windows']): SnapshotExample {
  const { window, customer_id: customerId, split, features, narrative, label } = row;
  const asOf = new Date(windows[window]!.asOf);
  return { row: { customerId, asOf, features, narrative }, window, split, label };
}
