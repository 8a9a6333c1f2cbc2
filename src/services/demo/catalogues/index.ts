import { beauty } from './beauty.js';
import { books } from './books.js';
import { electronics } from './electronics.js';
import { fashion } from './fashion.js';
import { grocery } from './grocery.js';
import { homeware } from './homeware.js';
import { outdoor } from './outdoor.js';
import { pets } from './pets.js';
import type { CatalogueSpec } from './spec.js';

export const catalogueNames = [
  'homeware',
  'fashion',
  'electronics',
  'grocery',
  'books',
  'outdoor',
  'beauty',
  'pets',
] as const;

/** What a demo shop sells. */
export type CatalogueName = (typeof catalogueNames)[number];

export const catalogueSpecs: Readonly<Record<CatalogueName, CatalogueSpec>> = {
  homeware,
  fashion,
  electronics,
  grocery,
  books,
  outdoor,
  beauty,
  pets,
};
