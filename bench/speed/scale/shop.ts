import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { dayMs } from '../../../src/days.js';
import { Random } from '../../../src/random.js';

/** The day after the shop's last. */
export const shopEnd = new Date('2026-01-01T00:00:00Z');
const days = 3 * 365;
const start = shopEnd.getTime() - days * dayMs;
const products = 2_000;
const countries = ['United Kingdom', 'Germany', 'France', 'Netherlands', 'Spain', 'Portugal', 'Ireland', 'Belgium'];
const goods = ['lantern', 'mug', 'bag', 'clock', 'candle holder', 'cushion', 'notebook', 'tray', 'garland', 'tin'];
const looks = ['red', 'vintage', 'spotty', 'wooden', 'ivory', 'small', 'large', 'heart shaped', 'glass', 'striped'];
/** Chance that an order has a further line. */
const furtherLine = 0.2;

export interface Shop {
  readonly path: string;
  readonly customers: number;
  readonly orders: number;
  readonly lines: number;
  readonly bytes: number;
}

/**
 * Writes a synthetic shop of three years as a file of the `online-retail` preset, in the order of time, as a till would.
 * Customers come at an even rate; each buys at a rate of their own (gamma) until they stop for good (a beta chance after
 * each order), about 10 orders on average; what they spend has a heavy tail (log-normal between customers and between
 * orders). Ids of customers have 64 bits. The same number of customers gives the same bytes.
 */
export async function writeShop(path: string, customers: number): Promise<Shop> {
  const shop = simulate(customers);
  const output = createWriteStream(path, { highWaterMark: 1 << 20 });
  let text = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\r\n';
  let lines = 0;
  let orders = 0;
  for (const order of byDay(shop.days)) {
    const random = new Lines(order);
    const customer = shop.buyers[order]!;
    const at = new Date(start + shop.days[order]! * dayMs + random.integer(86_400) * 1000).toISOString();
    const head = `${10_000_000 + orders++},`;
    const tail = `,${at.slice(0, 10)} ${at.slice(11, 19)},`;
    const country = countries[(customer * 7) % 11] ?? countries[0];
    const who = `,${idOf(customer)},${country}\r\n`;
    do {
      const product = Math.floor(products * random.uniform() ** 3);
      const price = Math.max(0.01, shop.levels[customer]! * Math.exp(0.8 * random.normal()));
      const quantity = random.uniform() < 0.02 ? -1 : 1 + Math.floor(3 * random.uniform() ** 2);
      text += `${head}P${product},${nameOf(product)},${quantity}${tail}${price.toFixed(2)}${who}`;
      lines++;
    } while (random.uniform() < furtherLine);
    if (text.length < 1 << 20) continue;
    if (!output.write(text)) await once(output, 'drain');
    text = '';
  }
  output.end(text);
  await finished(output);
  return { path, customers, orders, lines, bytes: output.bytesWritten };
}

/** Of each order its customer and its day, customer by customer; of each customer the level of prices. */
interface Simulation {
  readonly buyers: Uint32Array;
  readonly days: Uint16Array;
  readonly levels: Float32Array;
}

function simulate(customers: number): Simulation {
  const buyers = new Growing();
  const daysOfOrders = new Growing();
  const levels = new Float32Array(customers);
  const random = new Random(`shop/${customers}`);
  for (let customer = 0; customer < customers; customer++) {
    levels[customer] = Math.exp(2.2 + 0.9 * random.normal());
    const rate = 0.004 + random.gamma(0.9, 35);
    const stops = random.beta(0.6, 9);
    for (let day = random.uniform() * days; day < days; day += random.exponential(rate)) {
      buyers.push(customer);
      daysOfOrders.push(Math.floor(day));
      if (random.uniform() < stops) break;
    }
  }
  return { buyers: buyers.values(), days: Uint16Array.from(daysOfOrders.values()), levels };
}

/** Positions of the orders, sorted by day (a counting sort). */
function byDay(daysOfOrders: Uint16Array): Uint32Array {
  const next = new Uint32Array(days + 1);
  for (const day of daysOfOrders) next[day + 1]!++;
  for (let day = 0; day < days; day++) next[day + 1]! += next[day]!;
  const sorted = new Uint32Array(daysOfOrders.length);
  for (const [order, day] of daysOfOrders.entries()) sorted[next[day]!++] = order;
  return sorted;
}

class Growing {
  private buffer = new Uint32Array(1 << 20);
  private length = 0;

  push(value: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length++] = value;
  }

  values(): Uint32Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** A cheap generator for each order (xorshift): seeding the good one ten million times would take longest of all. */
class Lines {
  private state: number;

  constructor(order: number) {
    this.state = Math.imul(order + 1, 0x9e3779b1) | 1;
    this.uniform();
    this.uniform();
  }

  uniform(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return ((this.state >>> 0) + 0.5) / 4294967296;
  }

  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** Numbers beyond 2^53, one for each customer: an odd factor is a bijection of 62 bits. */
function idOf(customer: number): bigint {
  return (1n << 62n) + ((BigInt(customer) * 0x1f3d5b79a2c4e687n) & ((1n << 62n) - 1n));
}

function nameOf(product: number): string {
  return `${looks[product % 10]} ${goods[Math.floor(product / 10) % 10]} no ${Math.floor(product / 100)}`;
}
