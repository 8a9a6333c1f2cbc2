import { cents, upperMedian } from '../../math.js';
import { Random } from '../../random.js';
import { catalogueSpecs, type CatalogueName } from './catalogues/index.js';
import type { CategorySpec, CatalogueSpec } from './catalogues/spec.js';
import { seasons, type MonthlyWeights } from './seasons.js';
import { Weighted } from './weighted.js';

const productsPerCategory = 40;

export interface DemoProduct {
  /** Position in the catalogue, from 0. */
  readonly index: number;
  readonly externalId: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  /** Price in the shop's currency. */
  readonly price: number;
  /** False for postage. */
  readonly merchandise: boolean;
}

export interface DemoCategory {
  readonly name: string;
  readonly season: MonthlyWeights;
  /** The department's products, some of which sell far better than others (Zipf). */
  readonly bestsellers: Weighted<DemoProduct>;
}

export interface Catalogue {
  readonly name: CatalogueName;
  readonly categories: readonly DemoCategory[];
  /** Everything that an order line can have; postage comes last. */
  readonly products: readonly DemoProduct[];
  readonly postage: DemoProduct;
  /** Median price of the merchandise. */
  readonly medianPrice: number;
}

/** Makes a catalogue, in about a millisecond. The same name and seed give the same products. */
export function buildCatalogue(name: CatalogueName, seed: number): Catalogue {
  const random = new Random(`${seed}/catalogue/${name}`);
  const spec = catalogueSpecs[name];
  const products: DemoProduct[] = [];
  const categories = spec.categories.map((category) => {
    const own = productsOf(random, spec, category, products.length);
    products.push(...own);
    const weights = own.map((_, rank) => 1 / (rank + 3));
    return {
      name: category.name,
      season: seasons[category.season],
      bestsellers: new Weighted(own, weights),
    };
  });
  const medianPrice = upperMedian(products.map(({ price }) => price));
  const postage = postageAt(products.length);
  products.push(postage);
  return { name, categories, products, postage, medianPrice };
}

function productsOf(random: Random, spec: CatalogueSpec, category: CategorySpec, firstIndex: number): DemoProduct[] {
  const names = new Map<string, string>();
  for (let attempt = 0; names.size < productsPerCategory && attempt < productsPerCategory * 20; attempt++) {
    const words: Record<string, string> = {
      attribute: random.pick(spec.attributes),
      theme: random.pick(spec.themes),
      material: random.pick(category.materials),
      noun: random.pick(category.nouns),
    };
    names.set(titleCase(fill(random.pick(spec.patterns), words)), describe(random, spec, category, words));
  }
  return [...names].map(([name, description], position) => ({
    index: firstIndex + position,
    externalId: `demo-p-${firstIndex + position + 1}`,
    name,
    description,
    category: category.name,
    price: shelfPrice(category.price * Math.exp(random.normal(0, 0.45))),
    merchandise: true,
  }));
}

function describe(
  random: Random,
  spec: CatalogueSpec,
  category: CategorySpec,
  words: Readonly<Record<string, string>>,
): string {
  const sentences = [
    `${words['attribute']} ${words['noun']}, ${words['material']}.`,
    category.use,
    random.pick(spec.closings),
  ];
  return sentences.map((sentence) => sentence.charAt(0).toUpperCase() + sentence.slice(1)).join(' ');
}

function fill(pattern: string, words: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? '');
}

function titleCase(text: string): string {
  return text.replace(/(^|[\s(-])([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** A price as shops write it: 12.37 becomes 12.49, 3.18 becomes 3.29. */
function shelfPrice(price: number): number {
  const step = stepOfPrice(price);
  return Math.max(0.49, cents(Math.ceil(price / step) * step - 0.01));
}

function stepOfPrice(price: number): number {
  if (price < 10) return 0.1;
  return price < 50 ? 0.5 : 5;
}

function postageAt(index: number): DemoProduct {
  return {
    index,
    externalId: 'demo-p-postage',
    name: 'Postage',
    description: 'Standard delivery.',
    category: 'Postage',
    price: 3.95,
    merchandise: false,
  };
}
