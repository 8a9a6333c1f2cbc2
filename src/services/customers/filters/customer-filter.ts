import { type ClvTier, clvTiers } from '../../../entities/index.js';
import { ClvError } from '../../../errors.js';
import { tierBounds } from '../../predictions/tiers.js';
import { requireJson, requireList, requireProbabilities, requireRange, requireText } from './customer-filter-values.js';
import {
  allOf,
  anyLanguage,
  anyOf,
  bought,
  containing,
  customersCalled,
  hasAttributes,
  inCampaign,
  type Reading,
} from './customer-filter-conditions.js';
import { changedSince, tierChanged } from './customer-filter-changes.js';
import { eventCondition } from './customer-filter-events.js';
import {
  complement,
  fits,
  inDaysSince,
  inDaysToNextOrder,
  inRange,
  isBounded,
  type RangeColumn,
} from './customer-filter-ranges.js';
import type { CustomerFilter, EventCount, Range } from '../customer-filter.types.js';
import type { FilterScope } from './filter-scope.js';
import { customersNamed } from './personal-data-search.js';
import { maximumIdLength } from '../../ingestion/values.js';
import { notScored } from '../../scoring/scored-base.js';
import type { SqlParameters } from '../../sql-parameters.js';

const deepest = 5;
/** Levels of `and`, `or` and `not`. */
export const mostLevels = deepest - 1;
export const mostConditions = 100;
/** Each goes through the events. */
export const mostEventCounts = 10;
/** Each goes through all order lines. */
export const mostPurchases = 10;
/** As many as a page has customers. */
export const mostExternalIds = 200;

type Conditions = {
  readonly [Name in keyof Required<CustomerFilter>]: (
    value: NonNullable<CustomerFilter[Name]>,
    depth: number,
  ) => string;
};

type Shown = Pick<RangeColumn, 'inCents'>;
const inCents: Shown = { inCents: true };

/** Compiles one filter into SQL, see `compileFilter`. */
export class FilterCompiler {
  /** The other properties of the `CompiledFilter`. */
  readonly found = {
    joinsCustomer: false,
    joinsSummary: false,
    joinsPrediction: false,
    joinsChange: false,
    requiresPrediction: false,
    countsEvents: false,
    product: null as string | null,
    parts: new Map<string, string>(),
  };
  /** Conditions on what was bought, each of which goes through all order lines. */
  purchases = 0;
  private compiled = 0;
  private eventCounts = 0;
  /** Depth of what is being compiled; at 1 every condition must hold. */
  private depth = 0;

  constructor(
    private readonly scope: FilterScope,
    private readonly parameters: SqlParameters,
    private readonly reading: Reading,
  ) {}

  compile(filter: CustomerFilter, depth: number): string {
    if (depth > deepest) throw badFilter(`"and", "or" and "not" are more than ${mostLevels} levels deep`);
    const parts = Object.entries(filter).flatMap(([name, value]) => {
      if (value === null || value === undefined) return [];
      if (!Object.hasOwn(this.conditions, name)) throw badFilter(`there is no condition "${name}"`);
      if (++this.compiled > mostConditions) throw badFilter(`there are more than ${mostConditions} conditions`);
      const conditionOf = this.conditions[name as keyof CustomerFilter] as (value: unknown, depth: number) => string;
      this.depth = depth;
      const condition = conditionOf(value, depth);
      if (depth === 1) this.found.parts.set(name, condition);
      return [condition];
    });
    return allOf(parts);
  }

  private readonly conditions: Conditions = {
    clv: (range) => this.predictionRange('clv', 'expected_value', 'float8', range, inCents),
    percentile: (range) => {
      requireRange('percentile', range, { from: 0, to: 100 });
      return this.predictionRange('percentile', 'percentile', 'real', range);
    },
    purchaseProbability: (range) =>
      this.probabilityRange('purchaseProbability', requireProbabilities('purchaseProbability', range)),
    churnProbability: (range) =>
      this.probabilityRange('churnProbability', complement(requireProbabilities('churnProbability', range))),
    predictedOrders: (range) => this.predictionRange('predictedOrders', 'expected_orders', 'real', range),
    tier: (tiers) => this.anyTier(requireList('tier', tiers)),
    changedSince: (instant) => this.ofChange(changedSince(instant, this.parameters)),
    tierChange: (change) => this.ofChange(tierChanged(change, this.parameters)),
    nextOrderDays: (range) => this.daysToNextOrder(range),
    recencyDays: (range) => this.daysSince('recencyDays', 'last_day', range),
    tenureDays: (range) => this.daysSince('tenureDays', 'first_day', range),
    orders: (range) => this.summaryRange('orders', 'orders', 'integer', range),
    spend: (range) => this.summaryRange('spend', 'spend', 'numeric', range),
    averageOrderValue: (range) =>
      this.summaryRange('averageOrderValue', 'mean_occasion_value', 'numeric', range, inCents),
    averageDaysBetweenOrders: (range) =>
      this.summaryRange('averageDaysBetweenOrders', 'gap_mean_days', 'float8', range),
    country: (countries) => this.ofCustomer(`c.country = any(${this.texts('country', countries)})`),
    externalId: (ids) => this.ofCustomer(this.called(this.externalIds(ids))),
    source: (sources) => this.ofCustomer(`c.source = any(${this.texts('source', trimmed(sources))})`),
    boughtCategory: (categories) => {
      this.found.joinsSummary = true;
      return `s.categories && ${this.texts('boughtCategory', categories)}`;
    },
    boughtProduct: (text) => {
      const product = `g.name ${anyLanguage} ilike ${this.parameters.add(containing(text), 'text')}`;
      if (this.depth === 1) this.found.product = product;
      return this.bought(product);
    },
    eventCounts: (counts) => {
      this.eventCounts += requireList('eventCounts', counts).length;
      if (this.eventCounts > mostEventCounts) throw badFilter(`there are more than ${mostEventCounts} "eventCounts"`);
      return allOf(counts.map((count) => this.events(count)));
    },
    campaign: ({ name, group }) => {
      const named = this.parameters.add(requireText('campaign', name), 'text');
      return this.ofCustomer(inCampaign(named, group ? this.parameters.add(group, 'campaign_group') : null));
    },
    attributes: (attributes) =>
      this.ofCustomer(hasAttributes(this.parameters.add(requireJson('attributes', attributes), 'jsonb'))),
    person: (search) => this.ofCustomer(`c.id = any(array(${customersNamed(search, this.parameters)}))`),
    and: (filters, depth) => allOf(requireList('and', filters).map((filter) => this.compile(filter, depth + 1))),
    or: (filters, depth) => anyOf(requireList('or', filters).map((filter) => this.compile(filter, depth + 1))),
    // Null does not fit, so that its opposite does.
    not: (filter, depth) => `(${this.compile(filter, depth + 1)}) is not true`,
  };

  private predictionRange(name: string, column: string, type: string, range: Range, shown: Shown = {}): string {
    this.joinPrediction(name);
    // A missing prediction counts as 0. If 0 does not fit, and there is no alternative, only customers with a prediction can fit.
    if (this.depth === 1 && !fits(0, range)) this.found.requiresPrediction = true;
    return inRange(name, range, { column: `p.${column}`, type, missing: 0, ...shown }, this.parameters);
  }

  private joinPrediction(name: string): void {
    if (!this.scope.scored) throw notScored(this.scope, `"${name}"`);
    this.found.joinsPrediction = true;
  }

  private probabilityRange(name: string, range: Range): string {
    return this.predictionRange(name, 'purchase_probability', 'real', range);
  }

  private ofCustomer(condition: string): string {
    this.found.joinsCustomer = true;
    return condition;
  }

  private ofChange(condition: string): string {
    this.found.joinsChange = true;
    return condition;
  }

  /** Several tiers are alternatives, one of which may be that of customers without a prediction. */
  private anyTier(tiers: readonly ClvTier[]): string {
    this.depth += tiers.length > 1 ? 1 : 0;
    return anyOf(tiers.map((tier) => this.tier(tier)));
  }

  private summaryRange(name: string, column: string, type: string, range: Range, shown: Shown = {}): string {
    this.found.joinsSummary = true;
    return inRange(name, range, { column: `s.${column}`, type, ...shown }, this.parameters);
  }

  private tier(tier: ClvTier): string {
    const better = clvTiers[clvTiers.indexOf(tier) - 1];
    const from = this.predictionRange('tier', 'percentile', 'real', { min: tierBounds[tier] });
    if (!better) return from;
    return `(${from} and coalesce(p.percentile, 0) < ${this.parameters.add(tierBounds[better], 'real')})`;
  }

  private daysSince(name: string, column: 'first_day' | 'last_day', range: Range): string {
    this.found.joinsSummary = true;
    return inDaysSince(name, column, range, this.scope.asOf, this.parameters);
  }

  private daysToNextOrder(range: Range): string {
    this.joinPrediction('nextOrderDays');
    if (this.depth === 1 && isBounded(range)) this.found.requiresPrediction = true;
    return inDaysToNextOrder(range, this.scope.asOf, this.parameters);
  }

  private bought(product: string): string {
    if (++this.purchases > mostPurchases) {
      throw badFilter(`there are more than ${mostPurchases} conditions "boughtProduct"`);
    }
    return this.ofCustomer(bought(product, this.readingHere));
  }

  private events(count: EventCount): string {
    this.found.countsEvents = true;
    const { parameters, readingHere: reading } = this;
    return this.ofCustomer(eventCondition(count, { asOf: this.scope.asOf, reading, parameters }));
  }

  /** Within `or` and `not`, nothing can be joined. */
  private get readingHere(): Reading {
    return this.reading === 'once' && this.depth > 1 ? 'apart' : this.reading;
  }

  /** With few customers, compares each one's external id: Postgres takes a millisecond or more to plan a query for their ids. */
  private called(externalIds: string): string {
    return this.reading === 'each'
      ? `c.external_id = any(${externalIds})`
      : `c.id = any(array(${customersCalled(externalIds)}))`;
  }

  private externalIds(ids: readonly string[]): string {
    return this.parameters.add(
      requireList('externalId', trimmed(ids), mostExternalIds).map((id) =>
        requireText('externalId', id, maximumIdLength),
      ),
      'text[]',
    );
  }

  private texts(name: string, texts: readonly string[]): string {
    return this.parameters.add(
      requireList(name, texts).map((text) => requireText(name, text)),
      'text[]',
    );
  }
}

/** Trimmed, as ids and sources are stored. */
const trimmed = (texts: readonly string[]): string[] => texts.map((text) => text.trim());

function badFilter(problem: string): ClvError {
  return new ClvError('BAD_USER_INPUT', `The filter is wrong: ${problem}.`);
}
