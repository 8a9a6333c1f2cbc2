import type { EntityManager, QueryRunner } from 'typeorm';
import type { Client } from 'pg';
import type { Snapshot, SnapshotSplit } from '../../entities/index.js';
import { mean, sum } from '../../math.js';
import { computeLabels, iterateFeatures } from '../../ml/features/compute-features.js';
import { countSplits, drawCustomers } from '../../ml/features/customer-sampling.js';
import type { FeatureRow, TrainingWindow } from '../../ml/features/feature-row.js';
import type { BtydPrior, PriorForm, PriorWarning } from '../../ml/features/prior/fit-prior.js';
import type { JobHooks } from '../../progress.js';
import type { SnapshotReport } from './snapshot-report.js';
import { copySnapshotRows } from './snapshots-writer.js';
import { type Eligible, drawnOf } from './drawn-rows.js';
import { drawPriorSample, fitPriorOn } from './prior-sample.js';

export interface MadeWindow extends TrainingWindow {
  /** Fitted on what came before the window. */
  readonly prior: BtydPrior;
  readonly priorWarnings: readonly PriorWarning[];
  readonly trainRows: number;
  readonly validationRows: number;
}

export interface SnapshotRowsResult {
  readonly windows: readonly MadeWindow[];
  readonly trainingRows: readonly Pick<FeatureRow, 'asOf' | 'features'>[];
  readonly rows: SnapshotReport['rows'];
  readonly labels: SnapshotReport['labels'];
  /** Customers of the window that has most. */
  readonly customersOfWindow: number;
}

interface PlacedWindow {
  /** Position in `Snapshot.windows`. */
  readonly place: number;
  readonly window: TrainingWindow;
}

/** Makes the rows of one snapshot, in the transaction that the runner is in. */
export class SnapshotRowsJob {
  readonly manager: EntityManager;
  private readonly trainingRows: Pick<FeatureRow, 'asOf' | 'features'>[] = [];
  private readonly trainingLabels: number[] = [];
  private written = 0;
  private expected = 0;

  constructor(
    private readonly runner: QueryRunner,
    private readonly hooks: JobHooks,
  ) {
    this.manager = runner.manager;
  }

  /** Needs `prepareSampling` to have run in the same transaction. */
  async write(
    snapshot: Pick<Snapshot, 'id' | 'covariates'>,
    windows: readonly TrainingWindow[],
    { maxTrainingRows, form }: { readonly maxTrainingRows: number; readonly form: PriorForm },
  ): Promise<SnapshotRowsResult> {
    const eligible: Eligible[] = [];
    for (const { asOf } of windows) eligible.push(await countSplits(this.manager, new Date(asOf)));
    const { shares, drawn, available } = drawnOf(eligible, windows, maxTrainingRows);
    this.expected = drawn.train + drawn.validation;

    const formOfWindows = await this.formOfWindows(snapshot, windows, form);
    const made: MadeWindow[] = [];
    for (const sameDate of groupByDate(windows)) {
      const { asOf: date, validation } = sameDate[0]!.window;
      const asOf = new Date(date);
      const sample = await drawPriorSample(this.manager, asOf, snapshot.covariates);
      const { parameters, warnings } = await fitPriorOn(this.manager, sample, formOfWindows);
      const trainRows = await this.writeWindows(
        snapshot,
        sameDate,
        'TRAIN',
        validation ? shares.newest : shares.others,
      );
      // The validation window is the only one of its date.
      const validationRows = validation
        ? await this.writeWindows(snapshot, sameDate, 'VALIDATION', shares.validation)
        : 0;
      for (const { window } of sameDate) {
        made.push({ ...window, prior: parameters, priorWarnings: warnings, trainRows, validationRows });
      }
    }
    return {
      windows: made,
      trainingRows: this.trainingRows,
      rows: {
        train: sum(made.map(({ trainRows }) => trainRows)),
        validation: sum(made.map(({ validationRows }) => validationRows)),
        available,
        sampledShare: available > 0 ? drawn.train / available : 1,
      },
      labels: describeLabels(this.trainingLabels),
      customersOfWindow: Math.max(...eligible.map(({ TRAIN, VALIDATION }) => TRAIN + VALIDATION)),
    };
  }

  /** Where customers buy by years, priors of windows are regularised towards the parameters as of the validation window's date. */
  private async formOfWindows(
    { covariates }: Pick<Snapshot, 'covariates'>,
    windows: readonly TrainingWindow[],
    form: PriorForm,
  ): Promise<PriorForm> {
    const checked = windows.find(({ validation }) => validation);
    if (!form.yearly || !checked) return form;
    const sample = await drawPriorSample(this.manager, new Date(checked.asOf), covariates);
    const { parameters } = await fitPriorOn(this.manager, sample, form);
    return { ...form, yearly: { ...form.yearly, chances: parameters.yearly } };
  }

  /**
   * One sample of customers for all windows of one date: their features are the same, their labels are not.
   * @returns the number of customers
   */
  private async writeWindows(
    { id: snapshotId, covariates }: Pick<Snapshot, 'id' | 'covariates'>,
    windows: readonly PlacedWindow[],
    split: SnapshotSplit,
    share: number,
  ): Promise<number> {
    const asOf = new Date(windows[0]!.window.asOf);
    const customerIds = await drawCustomers(this.manager, { asOf, split, share, salt: asOf.toISOString() });
    const client = (await this.runner.connect()) as Client;
    for await (const rows of iterateFeatures(this.manager, { asOf, customerIds, covariates })) {
      const ids = rows.map(({ customerId }) => customerId);
      for (const { place, window } of windows) {
        this.hooks.signal.throwIfAborted();
        const { horizonDays } = window;
        const labels = await computeLabels(this.manager, { asOf, customerIds: ids, horizonDays });
        await copySnapshotRows(client, { snapshotId, window: place, split, rows, labels });
        if (split === 'TRAIN') {
          for (const { features } of rows) this.trainingRows.push({ asOf, features });
          this.trainingLabels.push(...labels);
        }
        this.written += rows.length;
      }
      await this.hooks.progress.report('computing features', Math.min(1, this.written / this.expected));
    }
    return customerIds.length;
  }
}

/** Windows are oldest first, so those of one date stand together. */
function groupByDate(windows: readonly TrainingWindow[]): PlacedWindow[][] {
  const groups: PlacedWindow[][] = [];
  for (const [place, window] of windows.entries()) {
    const group = groups.at(-1);
    if (group?.[0]!.window.asOf === window.asOf) group.push({ place, window });
    else groups.push([{ place, window }]);
  }
  return groups;
}

function describeLabels(labels: readonly number[]): SnapshotRowsResult['labels'] {
  const positive = labels.filter((label) => label > 0);
  return {
    meanPositive: mean(positive),
    largest: positive.reduce((largest, label) => Math.max(largest, label), 0),
    positiveShare: positive.length / Math.max(labels.length, 1),
  };
}
