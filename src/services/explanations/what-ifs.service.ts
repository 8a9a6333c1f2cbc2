import type { DataSource } from 'typeorm';
import { cents } from '../../math.js';
import { computeAlteredFeatures } from '../../ml/features/altered-features.js';
import type { FeatureRequest } from '../../ml/features/compute-features.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { covariatesOf } from '../models/find-model.js';
import type { CustomerClv } from '../predictions/customer-clv.js';
import type { Inference } from '../inference/inference.js';
import { MicroBatcher } from '../micro-batcher.js';
import { nullIfUnusableOrDeleted } from '../predictions/fresh-predictions.js';
import { keyOfPeriod, type PredictionPeriod } from '../predictions/prediction-store.js';
import { findWhatIfFacts } from './what-if-facts.js';
import { type CustomerChange, standardChanges, type WhatIfChange, whatIfChanges } from './what-ifs.js';

/** The prediction for a customer under a changed fact. Money in currency, to the cent. */
export interface WhatIf {
  readonly change: WhatIfChange;
  /** Value of the order that is placed or returned; null where there is none. */
  readonly orderValue: number | null;
  readonly predicted: number;
  /** `predicted` less the prediction from the actual facts. */
  readonly difference: number;
}

const batching = { waitMs: 3, maxSize: 1_000 };

interface Asked {
  readonly clv: CustomerClv;
  hasLeft(): boolean;
}

/** Runs the model on changed facts: the result is what would be served if they were recorded. */
export class WhatIfsService {
  private readonly answers = new MicroBatcher((asked: readonly Asked[]) => this.compute(asked), batching);

  constructor(
    private readonly dataSource: DataSource,
    private readonly inference: Inference,
  ) {}

  /**
   * The standard changes of each customer, in the order given. None for basis NONE, for stored values of a model that this version
   * cannot use, for values of a model that was deleted since, or for customers whose orders were. The number of SQL statements does not
   * depend on the number of customers.
   * @param hasLeft whether the client has left; there may then be none, too
   */
  whatIfs(clvs: readonly CustomerClv[], hasLeft = () => false): Promise<WhatIf[][]> {
    return this.answers.load(clvs.map((clv) => ({ clv, hasLeft })));
  }

  private async compute(asked: readonly Asked[]): Promise<WhatIf[][]> {
    const clvs = asked.map(({ clv }) => clv);
    const isAwaited = () => asked.some(({ hasLeft }) => !hasLeft());
    const answers = new Map<CustomerClv, WhatIf[]>();
    for (const [period, group] of byPeriod(clvs)) {
      const customerIds = [...new Set(group.map(({ served }) => served.customerId))];
      const predicted = await this.computePeriod(period, customerIds, isAwaited);
      for (const clv of group) {
        const changes = predicted.get(clv.served.customerId) ?? [];
        const withDifference = changes.map((each) => ({ ...each, difference: cents(each.predicted - clv.predicted) }));
        answers.set(clv, withDifference);
      }
    }
    return clvs.map((clv) => answers.get(clv) ?? []);
  }

  private async computePeriod(
    period: PredictionPeriod,
    customerIds: readonly string[],
    isAwaited: () => boolean,
  ): Promise<Map<string, Omit<WhatIf, 'difference'>[]>> {
    const { asOf } = period;
    const changes = (await findWhatIfFacts(this.dataSource, asOf, customerIds)).flatMap((facts) =>
      standardChanges(facts, asOf).map((change) => ({ ...change, customerId: facts.customerId })),
    );
    const covariates = await covariatesOf(this.dataSource, period.modelId);
    const altered: (CustomerChange & { readonly customerId: string; readonly row: FeatureRow | undefined })[] = [];
    for (const kind of whatIfChanges) {
      if (!isAwaited()) return new Map();
      const same = changes.filter(({ change }) => change === kind);
      const rows = await this.alteredRows({ asOf, covariates }, same);
      altered.push(...same.map((each) => ({ ...each, row: rows.get(each.customerId) })));
    }
    if (!isAwaited()) return new Map();
    const predicted = await this.predict(
      period,
      altered.flatMap(({ row }) => row ?? []),
    );
    if (!predicted) return new Map();
    const answers = new Map<string, Omit<WhatIf, 'difference'>[]>();
    for (const { customerId, change, orderValue, row } of altered) {
      // There is no row if the only purchase was returned on its day: the customer has bought nothing then.
      const answer = { change, orderValue, predicted: row ? predicted.get(row)! : 0 };
      answers.set(customerId, [...(answers.get(customerId) ?? []), answer]);
    }
    return answers;
  }

  private async predict(
    period: PredictionPeriod,
    rows: readonly FeatureRow[],
  ): Promise<Map<FeatureRow, number> | null> {
    if (rows.length === 0) return new Map();
    const scored = await this.inference.score(period, rows).catch(nullIfUnusableOrDeleted);
    return scored && new Map(rows.map((row, i) => [row, cents(scored[i]!.expectedValue)]));
  }

  /** Features of many customers under one kind of change. */
  private async alteredRows(
    known: Required<Omit<FeatureRequest, 'customerIds'>>,
    same: readonly (CustomerChange & { readonly customerId: string })[],
  ): Promise<Map<string, FeatureRow>> {
    if (same.length === 0) return new Map();
    const orders = same.flatMap(({ alteration }) => alteration.orders);
    const { movedBackDays } = same[0]!.alteration;
    const customerIds = same.map(({ customerId }) => customerId);
    const altered = await computeAlteredFeatures(this.dataSource, { ...known, customerIds }, { orders, movedBackDays });
    return new Map(altered.map((row) => [row.customerId, row]));
  }
}

/** Customers with a prediction, grouped by its period. */
function byPeriod(clvs: readonly CustomerClv[]): Map<PredictionPeriod, CustomerClv[]> {
  const groups = new Map<string, CustomerClv[]>();
  for (const clv of clvs) {
    const { prediction, period } = clv.served;
    if (!prediction) continue;
    const key = keyOfPeriod(period);
    groups.set(key, [...(groups.get(key) ?? []), clv]);
  }
  return new Map([...groups.values()].map((group) => [group[0]!.served.period, group]));
}
