import type { DataSource } from 'typeorm';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import { type ClvHistory, CustomerClv, toClvHistory } from './customer-clv.js';
import type { ExplanationsService } from '../explanations/explanations.service.js';
import { MicroBatcher } from '../micro-batcher.js';
import type { OrderCurrencies } from '../customers/order-currencies.js';
import { findHistories, noHistory, type PurchaseHistory } from '../customers/purchase-histories.js';
import type { ClvRequest, PredictionsService, ServedClv } from './predictions.service.js';

/**
 * Requests of any clients within `waitMs` are answered together. At most four pages of 50 at a time, so that the event loop is not blocked
 * for longer; predictions that must be computed are batched again in `PredictionsService`.
 */
const batching = { waitMs: 3, maxSize: 200 };

export interface ExplanationRequest {
  readonly clv: CustomerClv;
  /** Whether `tokens` and `narrative` are needed; otherwise they may be empty. */
  readonly words: boolean;
}

interface ServedReason {
  readonly served: ServedClv;
  readonly words: boolean;
  hasLeft(): boolean;
}

/** Values of customers and their explanations, for callers. */
export class CustomerClvService {
  private readonly values: MicroBatcher<ClvRequest, CustomerClv>;
  private readonly past: MicroBatcher<CustomerClv, ClvHistory>;
  private readonly reasons: MicroBatcher<ServedReason, ExplanationContent | null>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly currencies: OrderCurrencies,
    private readonly predictions: PredictionsService,
    explanations: ExplanationsService,
    /** The default horizon. */
    readonly horizonDays: number,
  ) {
    this.values = new MicroBatcher((requests) => this.compute(requests), batching);
    this.past = new MicroBatcher((clvs) => this.read(clvs), batching);
    this.reasons = new MicroBatcher(
      (asked) =>
        explanations.explainServed(
          asked.map(({ served }) => served),
          asked.some(({ words }) => words),
          () => asked.some(({ hasLeft }) => !hasLeft()),
        ),
      batching,
    );
  }

  /** Answers in the order of the requests, with a number of SQL statements that does not grow with them. */
  clv(requests: readonly ClvRequest[]): Promise<CustomerClv[]> {
    return this.values.load(requests);
  }

  /**
   * Explanations in the order of the requests; null for basis NONE.
   * @param hasLeft whether the client has left; some explanations may then be null, too
   */
  explain(requests: readonly ExplanationRequest[], hasLeft = () => false): Promise<(ExplanationContent | null)[]> {
    return this.reasons.load(requests.map(({ clv: { served }, words }) => ({ served, words, hasLeft })));
  }

  /** What the purchases before the as-of date add. */
  histories(clvs: readonly CustomerClv[]): Promise<ClvHistory[]> {
    return this.past.load(clvs);
  }

  private async compute(requests: readonly ClvRequest[]): Promise<CustomerClv[]> {
    const [served, currency] = await Promise.all([this.predictions.predict(requests), this.currencies.ofPredictions()]);
    return served.map((clv) => new CustomerClv(clv, currency));
  }

  private async read(clvs: readonly CustomerClv[]): Promise<ClvHistory[]> {
    const found = new Map<number, Map<string, PurchaseHistory>>();
    // They are of one day, unless the as-of date has just changed.
    for (const asOf of new Set(clvs.map((clv) => clv.asOf.getTime()))) {
      const ofDay = clvs.filter((clv) => clv.asOf.getTime() === asOf);
      const customerIds = new Set(ofDay.map(({ served }) => served.customerId));
      found.set(asOf, await findHistories(this.dataSource, [...customerIds], new Date(asOf)));
    }
    return clvs.map((clv) => toClvHistory(clv, found.get(clv.asOf.getTime())?.get(clv.served.customerId) ?? noHistory));
  }
}
