import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import type { BtydPrior } from '../../ml/features/prior/fit-prior.js';
import type { RfmSummary } from '../../ml/features/prior/rfm-summary.js';
import { computeSpendHistory, type SpendHistory } from '../../ml/features/spend-history.js';
import { largestCredibleValue } from '../../ml/scoring/served-prediction.js';
import { noCorrection } from '../fine-tuning/level-correction.js';
import type { LoadedModel } from '../models/loaded-model.js';
import { type PriorOnlyReason, type ServingBundle, weightsFormat } from '../models/serving-bundle.js';
import { sampledCustomerIds } from '../preprocessing/base-sample.js';
import { fitPriorOn, priorFormOf, readPriorSample } from '../preprocessing/prior-sample.js';
import { typicalHistory } from '../explanations/typical-customer.js';

/** The prior alone, which predicts as long as no model is active. */
export interface PriorModel {
  readonly version: null;
  /** Unique id of the fit. */
  readonly fit: string;
  readonly bundle: ServingBundle & { readonly priorOnly: PriorOnlyReason };
}

/** Whether a network answers, rather than the prior alone. */
export const usesNetwork = (model: LoadedModel | PriorModel): model is LoadedModel => model.bundle.priorOnly === null;

/** `PredictionPeriod.modelId` of predictions without a model: no model has it. */
export const noModelId = '0';

interface FittedPrior extends SpendHistory {
  readonly fit: string;
  readonly prior: BtydPrior;
  readonly typical: RfmSummary;
}

/** With more customers, no parameter would change by more than a few per cent. */
const sampleSize = 20_000;
/**
 * A fit is used for this many times as long as it took, so that at most a hundredth of the time is spent on fits; those of small shops,
 * which take milliseconds, are soon renewed. New purchases change a customer's history at once, the shop's parameters with the next fit.
 */
const keptPerFit = 100;
const longestKeptMs = 10 * 60_000;
/** Number of fits that are kept for requests that began with them. */
const mostRemembered = 4;

/** Priors that are fitted on demand. */
export class PriorModels {
  private readonly fitted = new Map<number, { readonly prior: Promise<FittedPrior>; readonly until: number }>();
  /** By `fit`. */
  private readonly remembered = new LRUCache<string, FittedPrior>({ max: mostRemembered });

  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param told the fit of an earlier prediction, so that, for example, a what-if does not also differ by the fit. The current fit is used
   *   where it is not given, or no longer kept
   * @throws ClvError INSUFFICIENT_DATA where nobody had bought before the as-of date
   */
  async at(asOf: Date, horizonDays: number, told?: string): Promise<PriorModel> {
    const known = told === undefined ? undefined : this.remembered.get(told);
    const { fit, prior, typical, largestSpend, observedDays, afterReturns } = known ?? (await this.fittedAt(asOf));
    return {
      version: null,
      fit,
      bundle: {
        format: weightsFormat,
        scaler: { features: [], seasons: false },
        prior,
        // Without a closed window the spread of errors is unknown: 1 is usual.
        scale: {
          valueScale: 1,
          residualSigma: 1,
          largestValue: largestCredibleValue(largestSpend, horizonDays, observedDays),
        },
        maxTokens: 1,
        level: { ...noCorrection, calibration: afterReturns },
        typical: { numeric: [], rfm: typical },
        activationRanges: null,
        priorOnly: 'NO_ACTIVE_MODEL',
      },
    };
  }

  /** Concurrent callers share one fit; a failed one is forgotten. */
  private fittedAt(asOf: Date): Promise<FittedPrior> {
    const now = performance.now();
    for (const [key, { until }] of this.fitted) if (until < now) this.fitted.delete(key);
    const known = this.fitted.get(asOf.getTime());
    if (known) return known.prior;
    const prior = this.fit(asOf);
    const keep = (until: number) => this.fitted.set(asOf.getTime(), { prior, until });
    keep(Infinity);
    prior.then(
      () => keep(performance.now() + Math.min(keptPerFit * (performance.now() - now), longestKeptMs)),
      () => this.fitted.delete(asOf.getTime()),
    );
    return prior;
  }

  private async fit(asOf: Date): Promise<FittedPrior> {
    const customerIds = await sampledCustomerIds(this.dataSource, asOf, sampleSize);
    const sample = await readPriorSample(this.dataSource, asOf, customerIds);
    const form = await priorFormOf(this.dataSource, sample);
    const { parameters } = await fitPriorOn(this.dataSource, sample, form);
    const history = await computeSpendHistory(this.dataSource, asOf);
    const fitted = { fit: randomUUID(), prior: parameters, typical: typicalHistory(sample.columns), ...history };
    this.remembered.set(fitted.fit, fitted);
    return fitted;
  }
}
