import type { Random } from '../../random.js';
import type { DemoProduct } from './catalogue.js';
import type { Mishap } from './purchases.js';
import type { ShopperType } from './traits.js';

const say = (random: Random, templates: readonly string[], product: DemoProduct): string =>
  random
    .pick(templates)
    .replace('{product}', product.name)
    .replace('{thing}', product.name.toLowerCase())
    .replace('{category}', product.category.toLowerCase());

const searches: Readonly<Record<ShopperType, readonly string[]>> = {
  'gift giver': [
    'gift for mum',
    'birthday present {category}',
    'present for a friend',
    'gift {thing}',
    'christmas gift {category}',
    'gift wrapped {category}',
    'secret santa',
  ],
  regular: ['{thing}', 'new in {category}', 'refill {thing}', '{category}', 'new {category}', 'restock {thing}'],
  'bargain hunter': [
    'sale {category}',
    'cheap {category}',
    'discount code',
    'lowest price {thing}',
    'clearance {category}',
    'free delivery',
  ],
  'trade buyer': [
    'wholesale {category}',
    'bulk {thing}',
    'trade prices {category}',
    'pack of 24 {thing}',
    'vat invoice',
    'box of 50 {category}',
  ],
};

export function searchText(random: Random, type: ShopperType, product: DemoProduct): string {
  return say(random, searches[type], product);
}

const complaints: Readonly<Record<Mishap, readonly string[]>> = {
  late: [
    'My order still has not arrived, it was promised last week. Where is my {thing}?',
    'The parcel is ten days late and nobody answers. I am waiting for the {thing}.',
    'Late delivery again, the {thing} was needed for Saturday.',
    'Tracking has not moved for a week. Where is the {thing}?',
  ],
  damaged: [
    'It arrived broken, please refund the {thing}.',
    'The box was crushed and the {product} is damaged.',
    'It stopped working after one day. I want my money back for the {thing}.',
    'Poor quality, it fell apart when I unpacked the {product}.',
  ],
  wrong: [
    'You sent the wrong item, I ordered {product}.',
    'Half of my order is missing, the {thing} was not in the parcel.',
    'This is not what the picture shows. Please take back the {product}.',
  ],
};

// Each ticket begins with the mood: whoever reads many tickets, people or models, sees the first words only.
const angryOpenings = [
  'Very disappointed.',
  'My last order here.',
  'Unacceptable.',
  'I will shop elsewhere.',
  'Third email without an answer.',
  'Terrible service.',
];
const calmOpenings = [
  'Could you help, please?',
  'Hello,',
  'A small problem:',
  'I hope you can sort this out.',
  'Hi there,',
];

export function complaintText(random: Random, mishap: Mishap, product: DemoProduct, angry: boolean): string {
  return `${random.pick(angry ? angryOpenings : calmOpenings)} ${say(random, complaints[mishap], product)}`;
}

const thanks = [
  'Thank you, the replacement arrived and all is well.',
  'Great service, the refund came the same day. Thanks!',
  'That was sorted out quickly, much appreciated.',
];

export function thanksText(random: Random): string {
  return random.pick(thanks);
}

const questions = [
  'When will the {product} be back in stock?',
  'Do you gift wrap the {thing}?',
  'Is there another colour of the {product}? I love mine.',
  'Which {category} would you recommend with the {thing}?',
  'Can I add the {product} to the order that I placed this morning?',
  'Do you have a loyalty programme? I order often.',
];

export function questionText(random: Random, product: DemoProduct): string {
  return say(random, questions, product);
}

const farewells = [
  'Please close my account and delete my data.',
  'Please take me off the mailing list.',
  'I am moving abroad and no longer need the account.',
  'How do I cancel my account?',
];

export function farewellText(random: Random): string {
  return random.pick(farewells);
}

/** Phrases by the number of stars less 1. */
const reviews: readonly (readonly string[])[] = [
  [
    'Awful. The {thing} went straight back.',
    'Broke at once. Do not buy.',
    'Nothing like the picture, and support did not care.',
    'Waited three weeks for this. Never again.',
  ],
  [
    'Disappointing quality for the price.',
    'The {thing} is smaller than described, sent it back.',
    'Slow delivery and a scratched {thing}.',
  ],
  ['It is all right. Does what it says.', 'Average {thing}, fair price.', 'Nice, but delivery took its time.'],
  [
    'Good {thing}, would buy again.',
    'Lovely {category}, well packed.',
    'Happy with it. My second order here.',
    'Pretty and quick to arrive.',
  ],
  [
    'Absolutely love the {thing}! Already ordered another.',
    'Perfect. My favourite shop for {category}.',
    'Best {category} I have found, will be back for more.',
    'Beautiful, and such friendly service.',
  ],
];

/** @param stars 1 to 5 */
export function reviewText(random: Random, stars: number, product: DemoProduct): string {
  return say(random, reviews[stars - 1] as readonly string[], product);
}

const campaigns = ['new arrivals', 'weekend offer', 'our favourites', 'back in stock', 'season guide'];

export function campaignName(random: Random, sale: boolean): string {
  return sale ? 'sale' : random.pick(campaigns);
}
