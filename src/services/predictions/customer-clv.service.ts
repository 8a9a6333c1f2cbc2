import type { DataSource } from 'typeorm';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import { type ClvHistory, CustomerClv, toClvHistory } from './customer-clv.js';
import type { ExplanationsService } from '../explanations/explanations.service.js';
import { MicroBatcher } from '../micro-batcher.js';
import type { OrderCurrencies } from '../customers/order-currencies.js';
import { findHistories, noHistory, type PurchaseHistory } from '../customers/purchase-histories.js';
import type { ClvRequest, PredictionsService, ServedClv } from './predictions.service.js';

/**
 * Requests that come this close together, from whatever clients, are answered together. Pages of 50 come four at a time,
 * so that the event loop is never held up by more: what must be computed is gathered again in `PredictionsService`.
 */
const batching = { waitMs: 3, maxSize: 200 };

export interface ExplanationRequest {
  readonly clv: CustomerClv;
  /** Whether `tokens` and `narrative` are wanted; else they may be empty. */
  readonly words: boolean;
}

interface ServedReason {
  readonly served: ServedClv;
  readonly words: boolean;
  hasLeft(): boolean;
}

/** What customers are worth, and why, for callers. */
export class CustomerClvService {
  private readonly values: MicroBatcher<ClvRequest, CustomerClv>;
  private readonly past: MicroBatcher<CustomerClv, ClvHistory>;
  private readonly reasons: MicroBatcher<ServedReason, ExplanationContent | null>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly currencies: OrderCurrencies,
    private readonly predictions: PredictionsService,
    explanations: ExplanationsService,
    /** Where none is asked for. */
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
   * Why, in the order given; null for basis NONE.
   * @param hasLeft whether nobody waits for them any longer, by which some may be null, too
   */
  explain(requests: readonly ExplanationRequest[], hasLeft = () => false): Promise<(ExplanationContent | null)[]> {
    return this.reasons.load(requests.map(({ clv: { served }, words }) => ({ served, words, hasLeft })));
  }

  /** What the purchases before the as-of date add: read when it is asked for. */
  histories(clvs: readonly CustomerClv[]): Promise<ClvHistory[]> {
    return this.past.load(clvs);
  }

  private async compute(requests: readonly ClvRequest[]): Promise<CustomerClv[]> {
    const [served, currency] = await Promise.all([this.predictions.predict(requests), this.currencies.ofPredictions()]);
    return served.map((clv) => new CustomerClv(clv, currency));
  }

  private async read(clvs: readonly CustomerClv[]): Promise<ClvHistory[]> {
    const found = new Map<number, Map<string, PurchaseHistory>>();
    // Of one day, unless the as-of date has just moved on.
    for (const asOf of new Set(clvs.map((clv) => clv.asOf.getTime()))) {
      const ofDay = clvs.filter((clv) => clv.asOf.getTime() === asOf);
      const customerIds = new Set(ofDay.map(({ served }) => served.customerId));
      found.set(asOf, await findHistories(this.dataSource, [...customerIds], new Date(asOf)));
    }
    return clvs.map((clv) => toClvHistory(clv, found.get(clv.asOf.getTime())?.get(clv.served.customerId) ?? noHistory));
  }
}
