import { dayMs } from '../../days.js';
import { cents, clamp } from '../../math.js';
import type { Random } from '../../random.js';
import type { Catalogue, DemoCategory, DemoProduct } from './catalogue.js';
import { isSaleMonth, monthOf } from './seasons.js';
import { atShoppingHour, profiles, yearMs, type CustomerTraits } from './traits.js';

interface SimulatedLine {
  readonly product: DemoProduct;
  /** Number of pieces; negative for returns. */
  readonly quantity: number;
  readonly unitPrice: number;
}

export interface SimulatedOrder {
  readonly externalId: string;
  readonly placedAt: Date;
  readonly lines: readonly SimulatedLine[];
  /** Sum over the lines, including postage; negative for returns. */
  readonly total: number;
  /** Number of pieces of merchandise; negative for returns. */
  readonly itemCount: number;
  /** External id of the order that this one takes back. */
  readonly returnOf: string | null;
}

/** How an order went for the customer. */
export type Mishap = 'late' | 'damaged' | 'wrong';

export interface Experience {
  readonly order: SimulatedOrder;
  readonly mishap: Mishap | null;
  /** Whether the mishap made the customer angry. */
  readonly angry: boolean;
  /** Whether the shop made good for the mishap. */
  readonly resolved: boolean;
  /** How much the goods pleased; standard normal. */
  readonly delight: number;
  readonly returned: SimulatedOrder | null;
}

export interface PurchaseHistory {
  /** Orders and returns, oldest first. */
  readonly orders: readonly SimulatedOrder[];
  /** One per purchase, in order. */
  readonly experiences: readonly Experience[];
  /** When the customer left for good; null while still active at the end. */
  readonly endedAt: number | null;
}

/** Probability of leaving because of a mishap. A shop that makes good for it keeps most customers. */
const lossAfterMishap = { angry: 0.75, calm: 0.15, resolvedFactor: 0.3 };

/**
 * Simulates a customer's purchases: a Poisson process at a gamma-distributed rate, which the seasons change (thinning). It is ended by a
 * beta-geometric dropout after an order (Fader, Hardie & Lee 2005), by a mishap that was not put right, or by life (exponential).
 */
export function simulatePurchases(
  random: Random,
  catalogue: Catalogue,
  number: number,
  traits: CustomerTraits,
  until: number,
): PurchaseHistory {
  const orders: SimulatedOrder[] = [];
  const experiences: Experience[] = [];
  if (!traits.buys) return { orders, experiences, endedAt: traits.acquiredAt };
  let endedAt: number | null = null;
  for (let time = traits.acquiredAt; time < until;) {
    const externalId = `demo-o-${number}-${experiences.length + 1}`;
    const order = drawOrder(random, catalogue, traits, externalId, time);
    const experience = drawExperience(random, traits, order, until);
    orders.push(order);
    if (experience.returned) orders.push(experience.returned);
    experiences.push(experience);
    if (random.uniform() < leaveProbability(traits, experience)) {
      endedAt = time;
      break;
    }
    time = nextPurchase(random, traits, time, until);
    if (time > traits.lifetimeEnd) {
      endedAt = traits.lifetimeEnd < until ? traits.lifetimeEnd : null;
      break;
    }
  }
  orders.sort((a, b) => a.placedAt.getTime() - b.placedAt.getTime());
  return { orders, experiences, endedAt };
}

function drawExperience(random: Random, traits: CustomerTraits, order: SimulatedOrder, until: number): Experience {
  const mishap = drawMishap(random, traits);
  return {
    order,
    mishap,
    angry: mishap !== null && random.uniform() < 0.5,
    resolved: mishap !== null && random.uniform() < 0.35,
    delight: random.normal(),
    returned: drawReturn(random, traits, order, mishap, until),
  };
}

function leaveProbability(traits: CustomerTraits, { mishap, angry, resolved, delight }: Experience): number {
  const ordinary = Math.min(0.95, traits.dropoutProbability * Math.exp(-0.5 * delight));
  if (!mishap) return ordinary;
  const loss = (angry ? lossAfterMishap.angry : lossAfterMishap.calm) * (resolved ? lossAfterMishap.resolvedFactor : 1);
  return 1 - (1 - ordinary) * (1 - loss);
}

/** The next arrival of the seasonal Poisson process, by thinning (Lewis & Shedler 1979). */
function nextPurchase(random: Random, traits: CustomerTraits, after: number, until: number): number {
  const peak = Math.max(...traits.year);
  let time = after;
  do {
    time += (random.exponential(traits.purchasesPerYear * peak) + 0.002) * yearMs;
    if (time >= until) return Infinity;
  } while (random.uniform() * peak > pull(traits, monthOf(time)));
  const hour = atShoppingHour(random, time, until);
  return hour > after ? hour : time;
}

/** How lively a month is for the customer: their own year, in which bargain hunters wait for the sales. */
function pull(traits: CustomerTraits, month: number): number {
  const weight = traits.year[month] as number;
  return isSaleMonth(month) ? weight : weight * (1 - 0.5 * traits.priceSensitivity);
}

function drawOrder(
  random: Random,
  catalogue: Catalogue,
  traits: CustomerTraits,
  externalId: string,
  time: number,
): SimulatedOrder {
  const month = monthOf(time);
  const sale = isSaleMonth(month) && random.uniform() < 0.3 + 0.6 * traits.priceSensitivity;
  // Gamma-distributed around the customer's mean: the other half of Gamma-Gamma.
  const budget = traits.meanOrderValue * random.gamma(3.5, 3.5) * (month >= 10 ? 1.15 : 1);
  const wanted = Math.min(12, 1 + random.poisson(profiles[traits.type].extraLines));
  const lines = new Map<DemoProduct, SimulatedLine>();
  for (let i = 0; i < wanted; i++) {
    const product = drawProduct(random, traits, month, budget / wanted);
    if (lines.has(product)) continue;
    const unitPrice = sale ? cents(product.price * (random.uniform() < 0.5 ? 0.8 : 0.7)) : product.price;
    const quantity = clamp(Math.round(budget / wanted / unitPrice), 1, 500);
    lines.set(product, { product, quantity, unitPrice });
  }
  if (budget < traits.meanOrderValue * 0.6) {
    lines.set(catalogue.postage, { product: catalogue.postage, quantity: 1, unitPrice: catalogue.postage.price });
  }
  return orderOf(externalId, time, [...lines.values()], null);
}

/** Draws three popular products of a department in season, and takes the one that fits the money best. */
function drawProduct(random: Random, traits: CustomerTraits, month: number, money: number): DemoProduct {
  const category = drawCategory(random, traits, month);
  let best = category.bestsellers.pick(random);
  for (let i = 0; i < 2; i++) {
    const other = category.bestsellers.pick(random);
    if (Math.abs(Math.log(other.price / money)) < Math.abs(Math.log(best.price / money))) best = other;
  }
  return best;
}

export function drawCategory(random: Random, traits: CustomerTraits, month: number): DemoCategory {
  let category = traits.preferences.pick(random);
  // Out of season the customer usually chooses again.
  for (let i = 0; i < 3 && random.uniform() > (category.season[month] as number); i++) {
    category = traits.preferences.pick(random);
  }
  return category;
}

function drawMishap(random: Random, traits: CustomerTraits): Mishap | null {
  const draw = random.uniform();
  const late = 0.05 * traits.country.lateness;
  if (draw < late) return 'late';
  if (draw < late + 0.025) return 'damaged';
  return draw < late + 0.04 ? 'wrong' : null;
}

function drawReturn(
  random: Random,
  traits: CustomerTraits,
  order: SimulatedOrder,
  mishap: Mishap | null,
  until: number,
): SimulatedOrder | null {
  const probability = mishap === 'damaged' || mishap === 'wrong' ? 0.6 : traits.returnProbability;
  if (random.uniform() >= probability) return null;
  const placedAt = atShoppingHour(random, order.placedAt.getTime() + (4 + random.exponential(1 / 8)) * dayMs, Infinity);
  if (placedAt >= until) return null;
  const merchandise = order.lines.filter(({ product }) => product.merchandise);
  const whole = random.uniform() < 0.4;
  const taken = whole ? merchandise : [random.pick(merchandise)];
  const lines = taken.map((line) => ({ ...line, quantity: -line.quantity }));
  return orderOf(`${order.externalId}-r`, placedAt, lines, order.externalId);
}

function orderOf(
  externalId: string,
  time: number,
  lines: readonly SimulatedLine[],
  returnOf: string | null,
): SimulatedOrder {
  let total = 0;
  let itemCount = 0;
  for (const { product, quantity, unitPrice } of lines) {
    total += quantity * unitPrice;
    if (product.merchandise) itemCount += quantity;
  }
  return { externalId, placedAt: new Date(time), lines, total: cents(total), itemCount, returnOf };
}
