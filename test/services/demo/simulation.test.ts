import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { catalogueNames } from '../../../src/services/demo/catalogues/index.js';
import { planShop, type ShopOptions, type SimulatedCustomer } from '../../../src/services/demo/simulation.js';
import { simulateShop } from '../../support/simulated-shop.js';

const until = new Date('2026-01-01T00:00:00Z');

const shop = (options: Partial<ShopOptions> = {}) => [...simulateShop({ customers: 200, seed: 1, until, ...options })];

function hashOf(customers: readonly SimulatedCustomer[]): string {
  const seen = customers.map((customer) => ({ ...customer, truth: undefined }));
  return createHash('sha256').update(JSON.stringify(seen)).digest('hex');
}

describe('a simulated shop', () => {
  it('is the same for the same seed, on every machine', () => {
    expect(hashOf(shop())).toBe(hashOf(shop()));
    expect(hashOf(shop())).toBe('85c5532f9288471c08fb12cfe57a258c89807ed459e51cb11fea526db6f95015');
  });

  it('is another one for another seed, end or catalogue', () => {
    const variants = [{}, { seed: 2 }, { until: new Date('2025-06-01') }, { catalogue: 'pets' }, { years: 1 }] as const;
    expect(new Set(variants.map((options) => hashOf(shop(options)))).size).toBe(variants.length);
  });

  it('begins with the customers of a smaller shop of the same seed', () => {
    expect(hashOf(shop({ customers: 50 }))).toBe(hashOf(shop().slice(0, 50)));
  });

  it('has the same persons whatever the day on which it ends', () => {
    const names = (until: Date) => shop({ until }).map(({ name, email }) => [name, email]);
    expect(names(new Date('2025-06-01'))).toEqual(names(new Date('2025-06-02')));
  });

  it('keeps to time: nothing before the first order but the visit to it, nothing at or after the end', () => {
    for (const { truth, orders, events } of shop()) {
      const times = orders.map(({ placedAt }) => placedAt.getTime());
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const all = [...times, ...events.map(({ occurredAt }) => occurredAt.getTime())];
      for (const time of all) {
        expect(time).toBeLessThan(until.getTime());
        expect(time).toBeGreaterThan(truth.acquiredAt - dayMs);
      }
    }
  });

  it('adds up: totals and item counts are those of the lines', () => {
    for (const { lines, total, itemCount } of shop().flatMap(({ orders }) => orders)) {
      expect(total).toBeCloseTo(
        lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
        6,
      );
      const goods = lines.filter(({ product }) => product.merchandise);
      expect(itemCount).toBe(goods.reduce((sum, { quantity }) => sum + quantity, 0));
    }
  });

  it('takes back only what was bought, later and at the same price', () => {
    let returns = 0;
    for (const { orders } of shop({ customers: 500 })) {
      const byId = new Map(orders.map((order) => [order.externalId, order]));
      for (const taken of orders.filter(({ returnOf }) => returnOf !== null)) {
        const bought = byId.get(taken.returnOf as string);
        expect(taken.total).toBeLessThan(0);
        expect(taken.placedAt.getTime()).toBeGreaterThan(bought!.placedAt.getTime());
        for (const line of taken.lines) {
          expect(bought!.lines).toContainEqual({ ...line, quantity: -line.quantity });
        }
        returns++;
      }
    }
    expect(returns).toBeGreaterThan(50);
  });

  it.each(catalogueNames)('sells hundreds of differently named things from the %s catalogue', (name) => {
    const { products, categories } = planShop({ customers: 1, seed: 1, catalogue: name }).catalogue;
    expect(new Set(products.map(({ externalId }) => externalId)).size).toBe(products.length);
    expect(categories).toHaveLength(8);
    for (const { name } of categories) {
      const own = products.filter(({ category }) => category === name);
      expect(own).toHaveLength(40);
      expect(new Set(own.map((product) => product.name)).size).toBe(40);
    }
    for (const { name: text, description, price } of products) {
      expect(text).not.toMatch(/\ba [aeiou]/i);
      expect(text + description).not.toMatch(/[{}]|undefined|\s{2}/);
      expect(price).toBeGreaterThan(0);
    }
  });

  it.each([
    [{ customers: 0 }, /customers = 0/],
    [{ customers: 1_000_001 }, /1,000,000/],
    [{ customers: 1.5 }, /whole number/],
    [{ seed: Number.NaN }, /seed/],
    [{ years: 0 }, /years/],
    [{ until: new Date(Date.now() + 2 * dayMs) }, /until = .* tomorrow at the latest/],
    [{ until: new Date('1972-01-01') }, /until = 1972-01-01 must be .* after 1970/],
    [{ until: new Date('no date') }, /until/],
  ])('refuses %j', (wrong, message) => {
    expect(() => planShop({ customers: 10, seed: 1, ...wrong })).toThrow(message);
  });
});
