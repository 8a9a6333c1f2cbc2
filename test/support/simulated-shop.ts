import {
  planShop,
  type ShopOptions,
  simulateCustomer,
  type SimulatedCustomer,
} from '../../src/services/demo/simulation.js';

/** The customers of a synthetic shop, one at a time: nothing is kept, and no database is needed. */
export function* simulateShop(options: ShopOptions): Generator<SimulatedCustomer, void, undefined> {
  const plan = planShop(options);
  for (let number = 1; number <= plan.customers; number++) yield simulateCustomer(plan, number);
}
