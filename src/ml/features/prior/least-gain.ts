/** In nats: in all, odds of 20 to 1; a customer, so that a large base is not told by what hardly matters. */
const least = { inAll: 3, perCustomer: 0.005 };

/** By how much the customers' purchases must be likelier by a model that takes the place of a simpler one. */
export const leastGain = (customers: number): number => Math.max(least.inAll, least.perCustomer * customers);
