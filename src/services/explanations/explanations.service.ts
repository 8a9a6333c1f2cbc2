import type { DataSource } from 'typeorm';
import { retried } from '../../database/transient.js';
import { computeFeatures } from '../../ml/features/compute-features.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { covariatesOf } from '../models/find-model.js';
import type { ServedClv } from '../predictions/predictions.service.js';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import { slicesOf } from '../../slices.js';
import { findExplanations, saveExplanations } from './explanation-store.js';
import type { Inference } from '../inference/inference.js';
import { nullIfUnusable } from '../predictions/fresh-predictions.js';
import { keyOfPeriod, type PredictionPeriod } from '../predictions/prediction-store.js';
import { noModelId } from '../predictions/prior-models.js';

/** Explanations that are being made. */
interface Making {
  /** By `keyOf`; not all where nobody waited for them any longer. */
  readonly contents: Promise<ReadonlyMap<string, ExplanationContent>>;
  /** Of all who asked for some of them, whether they still wait. */
  readonly awaitedBy: (() => boolean)[];
}

/** As a usual page has: before each is looked whether anybody still waits. */
const atOnce = 50;

/** Explanations of served predictions: kept ones while the prediction holds, the others made. */
export class ExplanationsService {
  /** What is being made: after a scoring many ask for the same page at once, and whoever leaves and asks again asks for it, too. */
  private readonly making = new Map<string, Making>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly inference: Inference,
  ) {}

  /**
   * Explains predictions that were served a moment ago, in their order; null for those without one, and for kept
   * ones of a model that this version cannot use, unless they were explained before.
   * @param words whether `tokens` and `narrative` are wanted; stored explanations come without them where not
   * @param isAwaited whether anybody still waits for them; those that nobody waits for are null, too
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

  /** Makes and stores explanations; others who want them meanwhile are given the same. */
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
          .catch(nullIfUnusable);
        if (!made) break;
        // Deletions and erasures take explanations in another order.
        if (period.modelId !== noModelId) await retried(() => saveExplanations(this.dataSource, period, some, made));
        for (const [i, content] of made.entries()) contents.set(keyOf(some[i]!), content);
      }
    } finally {
      // At once: whoever asks from now on would get no more of them.
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

/** Priors that are fitted when they are asked for, one after the other, predict different values from the same facts. */
const keyOf = ({ period, customerId, prediction }: ServedClv): string =>
  `${keyOfPeriod(period)}/${customerId}/${prediction?.featureHash}/${prediction?.expectedValue}`;

/** Those that have a prediction, period by period, each customer once; other predictions of a customer in groups of their own. */
function byPeriod(served: readonly ServedClv[]): ServedClv[][] {
  const groups = new Map<string, Map<string, ServedClv>>();
  for (const clv of served) {
    if (!clv.prediction) continue;
    const period = keyOfPeriod(clv.period);
    const other = groups.get(period)?.get(clv.customerId);
    const group = other && keyOf(other) !== keyOf(clv) ? keyOf(clv) : period;
    groups.set(group, (groups.get(group) ?? new Map()).set(clv.customerId, clv));
  }
  // In one order always, so that two who save the same explanations wait for each other instead of deadlocking.
  return [...groups.values()].map((group) =>
    [...group.values()].sort((a, b) => (a.customerId < b.customerId ? -1 : 1)),
  );
}
