export { catalogueNames, type CatalogueName } from './catalogues/index.js';
export type { Catalogue, DemoCategory, DemoProduct } from './catalogue.js';
export type { SimulatedEvent } from './behaviour.js';
export { generateDemoShop, type DemoOptions, type DemoReport } from './demo-shop.service.js';
export type { SimulatedLine, SimulatedOrder } from './purchases.js';
export { planShop, simulateCustomer, simulateShop, type ShopOptions, type SimulatedCustomer } from './simulation.js';
