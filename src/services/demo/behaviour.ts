import { dayMs } from '../../days.js';
import type { BehaviorEventType } from '../../entities/index.js';
import { clamp } from '../../math.js';
import type { Random } from '../../random.js';
import type { DemoProduct } from './catalogue.js';
import * as phrases from './phrases.js';
import { drawCategory, type Experience, type PurchaseHistory } from './purchases.js';
import { isSaleMonth, monthOf } from './seasons.js';
import { atShoppingHour, yearMs, type CustomerTraits } from './traits.js';

export interface SimulatedEvent {
  readonly externalId: string;
  readonly type: BehaviorEventType;
  readonly occurredAt: Date;
  readonly product: DemoProduct | null;
  readonly text: string | null;
  /** `stars` for a review, `campaign` for an e-mail. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** After the customer has left, visits and opened mails fade with this mean delay. */
const fadeDays = { visit: 12, email: 35 };

/** Everything that one customer does besides buying, oldest first. */
export function simulateBehaviour(
  random: Random,
  number: number,
  traits: CustomerTraits,
  history: PurchaseHistory,
  until: number,
): SimulatedEvent[] {
  const diary = new Diary(until);
  for (const experience of history.experiences) {
    recordShopping(random, diary, traits, experience);
    recordAftermath(random, diary, traits, experience);
  }
  const end = Math.min(history.endedAt ?? until, until);
  recordVisits(random, diary, traits, end);
  recordEmails(random, diary, traits, end);
  if (history.endedAt !== null) recordLeaving(random, diary, traits, history.endedAt);
  return diary.events(number);
}

/** Collects events. Drops those after the end, sorts and numbers the rest. */
class Diary {
  private readonly entries: Omit<SimulatedEvent, 'externalId'>[] = [];

  constructor(private readonly until: number) {}

  record(
    type: BehaviorEventType,
    time: number,
    product: DemoProduct | null,
    text: string | null = null,
    attributes: SimulatedEvent['attributes'] = {},
  ): void {
    if (time >= this.until) return;
    this.entries.push({ type, occurredAt: new Date(Math.floor(time / 1000) * 1000), product, text, attributes });
  }

  events(customer: number): SimulatedEvent[] {
    this.entries.sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
    return this.entries.map((entry, index) => ({ externalId: `demo-e-${customer}-${index + 1}`, ...entry }));
  }
}

/** Records what the customer does in the minutes before an order. */
function recordShopping(random: Random, diary: Diary, traits: CustomerTraits, { order }: Experience): void {
  const product = firstProduct(order.lines);
  const time = order.placedAt.getTime();
  if (random.uniform() < 0.35) {
    diary.record('SEARCH', time - 1_800_000, null, phrases.searchText(random, traits.type, product));
  }
  if (random.uniform() < 0.45) diary.record('CLICK', time - 1_200_000, product);
  if (random.uniform() < 0.6) diary.record('CART', time - 300_000, product);
}

/** Records tickets and reviews in the days after an order. */
function recordAftermath(
  random: Random,
  diary: Diary,
  traits: CustomerTraits,
  { order, mishap, angry, resolved, delight, returned }: Experience,
): void {
  const product = firstProduct(order.lines);
  const time = order.placedAt.getTime();
  const later = (days: number) => atShoppingHour(random, time + dayMs * (days + random.exponential(1 / 3)), Infinity);
  if (mishap && random.uniform() < 0.75) {
    const complained = later(3);
    diary.record('SUPPORT_TICKET', complained, product, phrases.complaintText(random, mishap, product, angry));
    if (resolved && random.uniform() < 0.5) {
      diary.record('SUPPORT_TICKET', complained + 3 * dayMs, product, phrases.thanksText(random));
    }
  } else if (random.uniform() < 0.06) {
    diary.record('SUPPORT_TICKET', later(1), product, phrases.questionText(random, product));
  }
  if (random.uniform() < 0.16) {
    const mood = 4.3 - 3 * traits.dropoutProbability - (mishap ? 1.5 : 0) - (returned ? 0.8 : 0) + 0.8 * delight;
    const stars = clamp(Math.round(mood + random.normal(0, 0.4)), 1, 5);
    diary.record('REVIEW', later(8), product, phrases.reviewText(random, stars, product), { stars });
  }
}

/** Records visits without an order: more for those who buy often, hardly any after the customer has left. */
function recordVisits(random: Random, diary: Diary, traits: CustomerTraits, end: number): void {
  const activeYears = (end - traits.acquiredAt) / yearMs;
  const perYear = (2 + 0.7 * Math.min(traits.purchasesPerYear, 12)) * (0.4 + 1.4 * traits.engagement);
  const visits = random.poisson(Math.max(0, activeYears) * perYear);
  for (let i = 0; i < visits; i++) {
    recordVisit(random, diary, traits, traits.acquiredAt + random.uniform() * activeYears * yearMs);
  }
  const last = random.poisson(0.4 * traits.engagement);
  for (let i = 0; i < last; i++) {
    recordVisit(random, diary, traits, end + random.exponential(1 / fadeDays.visit) * dayMs);
  }
}

function recordVisit(random: Random, diary: Diary, traits: CustomerTraits, day: number): void {
  const time = atShoppingHour(random, day, Infinity);
  const product = drawCategory(random, traits, monthOf(time)).bestsellers.pick(random);
  const draw = random.uniform();
  if (draw < 0.55) diary.record('BROWSE', time, product);
  else if (draw < 0.75) diary.record('SEARCH', time, null, phrases.searchText(random, traits.type, product));
  else if (draw < 0.9) diary.record('CLICK', time, product);
  else diary.record('CART', time, product);
}

function recordEmails(random: Random, diary: Diary, traits: CustomerTraits, end: number): void {
  const activeYears = Math.max(0, (end - traits.acquiredAt) / yearMs);
  const opened = random.poisson(activeYears * 8 * traits.engagement);
  for (let i = 0; i < opened; i++) {
    recordEmail(random, diary, traits.acquiredAt + random.uniform() * activeYears * yearMs);
  }
  const last = random.poisson(0.8 * traits.engagement);
  for (let i = 0; i < last; i++) recordEmail(random, diary, end + random.exponential(1 / fadeDays.email) * dayMs);
}

function recordEmail(random: Random, diary: Diary, day: number): void {
  const time = atShoppingHour(random, day, Infinity);
  const campaign = phrases.campaignName(random, isSaleMonth(monthOf(time)));
  diary.record('EMAIL_OPEN', time, null, null, { campaign });
}

function recordLeaving(random: Random, diary: Diary, traits: CustomerTraits, endedAt: number): void {
  if (!traits.buys || random.uniform() >= 0.08) return;
  const time = atShoppingHour(random, endedAt + random.exponential(1 / 20) * dayMs + dayMs, Infinity);
  diary.record('SUPPORT_TICKET', time, null, phrases.farewellText(random));
}

function firstProduct(lines: Experience['order']['lines']): DemoProduct {
  return (lines[0] as Experience['order']['lines'][number]).product;
}
