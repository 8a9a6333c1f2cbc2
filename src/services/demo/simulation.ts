import { dayMs, dayOf, latestAsOf, startOfDay, yearDays } from '../../days.js';
import { ClvError } from '../../errors.js';
import { Random } from '../../random.js';
import { simulateBehaviour, type SimulatedEvent } from './behaviour.js';
import { buildCatalogue, type Catalogue } from './catalogue.js';
import type { CatalogueName } from './catalogues/index.js';
import { drawPerson } from './people.js';
import { simulatePurchases, type SimulatedOrder } from './purchases.js';
import { drawTraits, type CustomerTraits } from './traits.js';

/** Hundreds of years of data would have seasons but no growth. A million customers fit on a laptop's disk. */
const limits = { customers: 1_000_000, years: 20 };

export interface ShopOptions {
  readonly customers: number;
  readonly seed: number;
  /** Everything lies before this instant; by default the start of today, UTC. */
  readonly until?: Date;
  /** Years over which customers were acquired; by default 2.5. */
  readonly years?: number;
  readonly catalogue?: CatalogueName;
}

export interface SimulatedCustomer {
  readonly externalId: string;
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly channel: string;
  /** Orders and returns, oldest first. */
  readonly orders: readonly SimulatedOrder[];
  /** Events, oldest first. */
  readonly events: readonly SimulatedEvent[];
  /** What no real shop knows. It is for tests and studies, and never stored. */
  readonly truth: CustomerTraits & {
    /** When the customer left for good; null while active. */
    readonly endedAt: Date | null;
  };
}

/** All parameters of a simulated shop, with defaults filled in. */
export interface ShopPlan {
  readonly customers: number;
  readonly seed: number;
  readonly until: Date;
  readonly years: number;
  readonly catalogue: Catalogue;
}

/**
 * Fills in defaults and makes the catalogue.
 * @throws ClvError BAD_USER_INPUT for a size, seed, date or duration that cannot be simulated
 */
export function planShop({
  customers,
  seed,
  until = startOfDay(new Date()),
  years = 2.5,
  catalogue = 'homeware',
}: ShopOptions): ShopPlan {
  require(Number.isInteger(customers) &&
    customers >= 1 &&
    customers <= limits.customers, `customers = ${customers}`, 'a whole number from 1 to 1,000,000');
  require(Number.isSafeInteger(seed), `seed = ${seed}`, 'a whole number');
  require(years > 0 && years <= limits.years, `years = ${years}`, `more than 0 and at most ${limits.years}`);
  require(!Number.isNaN(until.getTime()), 'until', 'a valid date');
  const begin = until.getTime() - years * yearDays * dayMs;
  require(begin >= 0 &&
    until <= latestAsOf(), `until = ${dayOf(until)}`, 'tomorrow at the latest, with all its years after 1970');
  return { customers, seed, until, years, catalogue: buildCatalogue(catalogue, seed) };
}

/**
 * Simulates one customer's whole history. It depends only on the customer's number, from 1, and on the plan, but not on the plan's size:
 * a larger shop of the same seed begins with the same customers.
 */
export function simulateCustomer(plan: ShopPlan, number: number): SimulatedCustomer {
  const random = new Random(`${plan.seed}/customer/${number}`);
  const until = plan.until.getTime();
  const traits = drawTraits(random, plan.catalogue, { until, years: plan.years });
  const history = simulatePurchases(random, plan.catalogue, number, traits, until);
  const events = simulateBehaviour(random, number, traits, history, until);
  return {
    externalId: `demo-c-${number}`,
    // From a random stream of its own: the person is the same, whatever the day on which the history ends.
    ...drawPerson(new Random(`${plan.seed}/person/${number}`), number),
    country: traits.country.name,
    channel: traits.channel,
    orders: history.orders,
    events,
    truth: { ...traits, endedAt: history.endedAt === null ? null : new Date(history.endedAt) },
  };
}

function require(holds: boolean, given: string, allowed: string): void {
  if (!holds) throw new ClvError('BAD_USER_INPUT', `Demo shop: ${given} must be ${allowed}.`);
}
