import type { Season } from '../seasons.js';

/** A department: its products are combinations of its nouns and materials with the catalogue's words. */
export interface CategorySpec {
  readonly name: string;
  readonly season: Season;
  /** Median price in the shop's currency. */
  readonly price: number;
  readonly nouns: readonly string[];
  readonly materials: readonly string[];
  /** A sentence on what it is for. */
  readonly use: string;
}

/** The words that a shop's products are named with. */
export interface CatalogueSpec {
  /** Names with `{attribute}`, `{material}`, `{theme}` and `{noun}` to fill in. */
  readonly patterns: readonly string[];
  readonly attributes: readonly string[];
  readonly themes: readonly string[];
  /** Last sentences of descriptions. */
  readonly closings: readonly string[];
  readonly categories: readonly CategorySpec[];
}
