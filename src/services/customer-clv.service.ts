import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import type { ExplanationContent } from '../ml/explain/explanation.js';
import { type CustomerClv, type PurchaseHistory, toCustomerClv } from './customer-clv.js';
import type { ExplanationsService } from './explanations.service.js';
import { MicroBatcher } from './micro-batcher.js';
import type { ClvRequest, PredictionsService, ServedClv } from './predictions.service.js';

/** Requests that come this close together, from whatever clients, share one batch through the model. */
const batching = { waitMs: 3, maxSize: 1_000 };
const noHistory: PurchaseHistory = { ordered: false, spend: 0, meanOccasionValue: null, gapMeanDays: null };

/** What customers are worth, and why, for callers. */
export class CustomerClvService {
  private readonly values: MicroBatcher<ClvRequest, CustomerClv>;
  private readonly reasons: MicroBatcher<ServedClv, ExplanationContent | null>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'currency'>,
    private readonly predictions: PredictionsService,
    explanations: ExplanationsService,
  ) {
    this.values = new MicroBatcher((requests) => this.compute(requests), batching);
    this.reasons = new MicroBatcher((served) => explanations.explainServed(served), batching);
  }

  /**
   * Answers in the order of the requests, with a number of SQL statements that does not grow with them.
   */
  clv(requests: readonly ClvRequest[]): Promise<CustomerClv[]> {
    return this.values.load(requests);
  }

  /** Why, in the order given; null for basis NONE. */
  explain(clvs: readonly CustomerClv[]): Promise<(ExplanationContent | null)[]> {
    return this.reasons.load(clvs.map(({ served }) => served));
  }

  private async compute(requests: readonly ClvRequest[]): Promise<CustomerClv[]> {
    const served = await this.predictions.predict(requests);
    const [first] = served;
    const histories = first ? await this.histories(served, first.period.asOf) : new Map<string, PurchaseHistory>();
    return served.map((clv) => toCustomerClv(clv, histories.get(clv.customerId) ?? noHistory, this.config.currency));
  }

  /** From the purchase days, not from the summaries: those go on to now, and the as-of date may lie before that. */
  private async histories(served: readonly ServedClv[], asOf: Date): Promise<Map<string, PurchaseHistory>> {
    const rows = await this.dataSource.query<(PurchaseHistory & { customerId: string })[]>(
      `with asked as (select ($2::timestamptz at time zone 'UTC')::date as today),
       history as (
         select customer_id, sum(net)::float8 as spend,
           (avg(net) filter (where net > 0))::float8 as mean_occasion_value,
           (max(day) filter (where net > 0) - min(day) filter (where net > 0))::float8
             / nullif(count(*) filter (where net > 0) - 1, 0) as gap_mean_days
         from purchase_day, asked
         where customer_id = any($1::bigint[]) and day < today
         group by customer_id
       )
       select c.id as "customerId", coalesce(spend, 0) as spend, mean_occasion_value as "meanOccasionValue",
         gap_mean_days as "gapMeanDays",
         h.customer_id is not null or exists (
           select from customer_order o, asked
           where o.customer_id = c.id and o.placed_at < today::timestamp at time zone 'UTC'
         ) as ordered
       from customer c left join history h on h.customer_id = c.id
       where c.id = any($1::bigint[])`,
      [served.map(({ customerId }) => customerId), asOf],
    );
    return new Map(rows.map((row) => [row.customerId, row]));
  }
}
