import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { mean } from '../../../src/math.js';
import type { SimulatedCustomer } from '../../../src/services/demo/simulation.js';
import { simulateShop } from '../../support/simulated-shop.js';

const until = new Date('2026-01-01T00:00:00Z');
const holdoutStart = until.getTime() - 365 * dayMs;

const share = <T>(items: readonly T[], holds: (item: T) => boolean) => mean(items.map((item) => (holds(item) ? 1 : 0)));

describe('a simulated shop of 20,000 customers', () => {
  let customers: SimulatedCustomer[];
  let buyers: SimulatedCustomer[];
  beforeAll(() => {
    customers = [...simulateShop({ customers: 20_000, seed: 7, until })];
    buyers = customers.filter(({ orders }) => orders.length > 0);
  });

  const purchases = ({ orders }: SimulatedCustomer) => orders.filter(({ returnOf }) => returnOf === null);

  it('has as many repeat buyers as shops have, and some who registered and never bought', () => {
    const repeat = share(buyers, (customer) => purchases(customer).length > 1);
    expect(repeat).toBeGreaterThan(0.4);
    expect(repeat).toBeLessThan(0.7);
    expect(1 - buyers.length / customers.length).toBeCloseTo(0.03, 2);
  });

  it('loses about half of its customers for the year after any day', () => {
    const known = buyers.filter((customer) => purchases(customer)[0]!.placedAt.getTime() < holdoutStart);
    const silent = share(known, ({ orders }) => orders.every(({ placedAt }) => placedAt.getTime() < holdoutStart));
    expect(known.length).toBeGreaterThan(5_000);
    expect(silent).toBeGreaterThan(0.4);
    expect(silent).toBeLessThan(0.7);
  });

  it('earns half of its money from a tenth of its customers', () => {
    const spend = buyers.map(({ orders }) => orders.reduce((sum, { total }) => sum + total, 0)).sort((a, b) => b - a);
    const top = spend.slice(0, spend.length / 10).reduce((sum, value) => sum + value, 0);
    expect(top / (mean(spend) * spend.length)).toBeGreaterThan(0.4);
    expect(spend[0]! / spend[spend.length >> 1]!).toBeGreaterThan(50);
  });

  it('sells most in November and December, and Christmas ornaments hardly ever in spring', () => {
    const months = buyers.flatMap(purchases).map(({ placedAt }) => placedAt.getUTCMonth());
    const peak = share(months, (month) => month >= 10);
    expect(peak).toBeGreaterThan(0.25);
    expect(peak).toBeLessThan(0.45);
    const ornaments = buyers
      .flatMap(purchases)
      .filter(({ lines }) => lines.some(({ product }) => product.category === 'Christmas ornaments'))
      .map(({ placedAt }) => placedAt.getUTCMonth());
    expect(share(ornaments, (month) => month >= 9)).toBeGreaterThan(0.6);
    expect(share(ornaments, (month) => month >= 2 && month <= 4)).toBeLessThan(0.08);
  });

  it('has returns, mishaps and some ten events a customer', () => {
    const orders = buyers.flatMap(({ orders }) => orders);
    expect(share(orders, ({ returnOf }) => returnOf !== null)).toBeGreaterThan(0.04);
    expect(share(orders, ({ returnOf }) => returnOf !== null)).toBeLessThan(0.12);
    const events = mean(customers.map((customer) => customer.events.length));
    expect(events).toBeGreaterThan(9);
    expect(events).toBeLessThan(15);
  });

  /** Share of tickets and reviews that no later order follows, among those with at least a year left to buy in. */
  function lastWords(matching: (event: SimulatedCustomer['events'][number]) => boolean): number {
    const outcomes: boolean[] = [];
    for (const customer of buyers) {
      const last = purchases(customer).at(-1)!.placedAt;
      for (const event of customer.events) {
        if (matching(event) && event.occurredAt.getTime() < holdoutStart) outcomes.push(event.occurredAt > last);
      }
    }
    expect(outcomes.length).toBeGreaterThan(100);
    return mean(outcomes.map(Number));
  }

  it('loses customers after angry tickets much more often than after calm ones or questions', () => {
    const ticket = (pattern: RegExp) => lastWords(({ type, text }) => type === 'SUPPORT_TICKET' && pattern.test(text!));
    const angry = ticket(/^(Very disappointed|My last order|Unacceptable|I will shop|Third email|Terrible)/);
    const calm = ticket(/^(Could you help|Hello,|A small problem|I hope you|Hi there)/);
    const question = ticket(/^(When will|Do you|Is there|Which|Can I)/);
    expect(angry).toBeGreaterThan(calm + 0.2);
    expect(angry).toBeGreaterThan(question + 0.25);
    expect(ticket(/close my account|mailing list|moving abroad|cancel my account/)).toBe(1);
  });

  it('gets worse reviews from those whom it loses', () => {
    const rated = (stars: number) => lastWords(({ attributes }) => attributes['stars'] === stars);
    expect(rated(1)).toBeGreaterThan(rated(3) + 0.1);
    expect(rated(3)).toBeGreaterThan(rated(5) + 0.05);
  });

  it('lets what people search for tell what a single order cannot', () => {
    const single = buyers.filter((customer) => {
      const before = purchases(customer).filter(({ placedAt }) => placedAt.getTime() < holdoutStart);
      return before.length === 1;
    });
    const searched = (pattern: RegExp) =>
      single.filter(({ events }) =>
        events.some(
          ({ text, type, occurredAt }) =>
            type === 'SEARCH' && occurredAt.getTime() < holdoutStart && pattern.test(text!),
        ),
      );
    const laterSpend = (group: readonly SimulatedCustomer[]) =>
      mean(
        group.map(({ orders }) =>
          orders.reduce((sum, { placedAt, total }) => sum + (placedAt.getTime() < holdoutStart ? 0 : total), 0),
        ),
      );
    const trade = laterSpend(searched(/wholesale|bulk|trade|pack of|invoice|box of/));
    const bargains = laterSpend(searched(/sale|cheap|discount|lowest|clearance|free delivery/));
    expect(trade).toBeGreaterThan(5 * bargains);
  });

  it('lets visits tell the living from the lost at the same recency', () => {
    const quiet = buyers.filter((customer) => {
      const days = (until.getTime() - purchases(customer).at(-1)!.placedAt.getTime()) / dayMs;
      return days > 120 && days < 240;
    });
    const visited = quiet.filter(({ events }) =>
      events.some(
        ({ type, occurredAt }) => type !== 'EMAIL_OPEN' && until.getTime() - occurredAt.getTime() < 60 * dayMs,
      ),
    );
    const alive = (group: readonly SimulatedCustomer[]) => share(group, ({ truth }) => truth.endedAt === null);
    expect(alive(visited)).toBeGreaterThan(0.9);
    expect(alive(quiet)).toBeLessThan(0.75);
  });
});
