import type { DataSource } from 'typeorm';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { computeFeatures } from '../../ml/features/compute-features.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { covariatesOf } from '../models/find-model.js';
import type { ServedClv } from '../predictions/predictions.service.js';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import { slicesOf } from '../../slices.js';
import { findExplanations, saveExplanations } from './explanation-store.js';
import type { Inference } from '../inference/inference.js';
import { nullIfUnusableOrDeleted } from '../predictions/fresh-predictions.js';
import { keyOfPeriod, type PredictionPeriod } from '../predictions/prediction-store.js';
import { noModelId } from '../predictions/prior-models.js';

/** Explanations that are being computed. */
interface Making {
  /** By `keyOf`; incomplete if all clients have left. */
  readonly contents: Promise<ReadonlyMap<string, ExplanationContent>>;
  /** For each client who asked for some of them, whether it still waits. */
  readonly awaitedBy: (() => boolean)[];
}

/** Explanations per batch, as many as a usual page has. Before each batch it is checked whether anybody still waits. */
const atOnce = 50;

/** Explanations of served predictions: stored ones while the prediction is valid; the others are computed. */
export class ExplanationsService {
  /** What is being computed, so that it is shared: after a scoring, many clients may ask for the same page at once. */
  private readonly making = new Map<string, Making>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly inference: Inference,
  ) {}

  /**
   * Explains predictions that were just served, in their order. Null for those without a prediction, for stored predictions of a model
   * that this version cannot use, unless they were explained before, for predictions of a model that was deleted since, and for customers
   * whose orders were.
   * @param words whether `tokens` and `narrative` are needed; otherwise stored explanations come without them
   * @param isAwaited whether the client still waits; explanations that nobody waits for are null, too
   */
  async explainServed(
    served: readonly ServedClv[],
    words: boolean,
    isAwaited = () => true,
  ): Promise<(ExplanationContent | null)[]> {
    const explanations = new Map<string, ExplanationContent>();
    for (const group of byPeriod(served)) {
      const explained = await this.explainPeriod(group, words, isAwaited);
      for (const [clv, content] of explained) explanations.set(keyOf(clv), content);
    }
    return served.map((clv) => explanations.get(keyOf(clv)) ?? null);
  }

  /** @param group predictions of one period */
  private async explainPeriod(
    group: readonly ServedClv[],
    words: boolean,
    isAwaited: () => boolean,
  ): Promise<[ServedClv, ExplanationContent][]> {
    const { period } = group[0]!;
    const stored = await findExplanations(this.dataSource, period, group, words);
    const missing = group.filter(({ customerId }) => !stored.has(customerId));
    const making = new Set(missing.flatMap((clv) => this.making.get(keyOf(clv)) ?? []));
    const unmade = missing.filter((clv) => !this.making.has(keyOf(clv)));
    if (unmade.length > 0) making.add(this.make(period, unmade));
    for (const { awaitedBy } of making) awaitedBy.push(isAwaited);
    const made = await Promise.all([...making].map(({ contents }) => contents));
    const contents = new Map(made.flatMap((each) => [...each]));
    return group.flatMap((clv) => {
      const content = stored.get(clv.customerId) ?? contents.get(keyOf(clv));
      return content ? [[clv, content] as [ServedClv, ExplanationContent]] : [];
    });
  }

  /** Computes and stores explanations; concurrent requests for the same ones share them. */
  private make(period: PredictionPeriod, unmade: readonly ServedClv[]): Making {
    const awaitedBy: Making['awaitedBy'] = [];
    const contents = this.explain(period, unmade, () => awaitedBy.some((isAwaited) => isAwaited()));
    const making = { contents, awaitedBy };
    for (const clv of unmade) this.making.set(keyOf(clv), making);
    return making;
  }

  private async explain(
    period: PredictionPeriod,
    unmade: readonly ServedClv[],
    isAwaited: () => boolean,
  ): Promise<Map<string, ExplanationContent>> {
    const contents = new Map<string, ExplanationContent>();
    try {
      const rows = await this.rowsOf(period, unmade);
      const explainable = unmade.filter(({ customerId }) => rows.has(customerId));
      for (const some of slicesOf(explainable, atOnce)) {
        if (!isAwaited()) break;
        const made = await this.inference
          .explain(
            period,
            some.map(({ customerId, prediction }) => ({ row: rows.get(customerId)!, prediction: prediction! })),
          )
          .catch(nullIfUnusableOrDeleted);
        if (!made) break;
        // Deletions and erasures lock explanations in another order.
        if (period.modelId !== noModelId)
          await throughDeadlocks(() => saveExplanations(this.dataSource, period, some, made));
        for (const [i, content] of made.entries()) contents.set(keyOf(some[i]!), content);
      }
    } finally {
      // Removed at once: later requests must not wait for what is not computed any more.
      for (const clv of unmade) this.making.delete(keyOf(clv));
    }
    return contents;
  }

  private async rowsOf(period: PredictionPeriod, served: readonly ServedClv[]): Promise<Map<string, FeatureRow>> {
    const customerIds = served.map(({ customerId }) => customerId);
    const covariates = await covariatesOf(this.dataSource, period.modelId);
    const rows = await computeFeatures(this.dataSource, { asOf: period.asOf, customerIds, covariates });
    return new Map(rows.map((row) => [row.customerId, row]));
  }
}

/** With the period's fit and the value, since priors that are fitted on demand predict different values from the same facts. */
const keyOf = ({ period, customerId, prediction }: ServedClv): string =>
  `${keyOfPeriod(period)}/${customerId}/${prediction?.featureHash}/${prediction?.expectedValue}`;

/** Served values with a prediction, by period. A group has a customer once; different predictions of one are in separate groups. */
function byPeriod(served: readonly ServedClv[]): ServedClv[][] {
  const groups = new Map<string, Map<string, ServedClv>>();
  for (const clv of served) {
    if (!clv.prediction) continue;
    const period = keyOfPeriod(clv.period);
    const other = groups.get(period)?.get(clv.customerId);
    const group = other && keyOf(other) !== keyOf(clv) ? keyOf(clv) : period;
    groups.set(group, (groups.get(group) ?? new Map()).set(clv.customerId, clv));
  }
  // In a fixed order, so that two who store the same explanations wait for each other instead of deadlocking.
  return [...groups.values()].map((group) =>
    [...group.values()].sort((a, b) => (a.customerId < b.customerId ? -1 : 1)),
  );
}
