import type { CustomerFilter } from '../customer-filter.types.js';

/**
 * The filter for a few customers: its lists of external ids are cut to theirs. Otherwise each page with `Customer.segments` would send all
 * lists of all segments. At least one id stays in a list, since an empty one is refused.
 * @param externalIds those of the customers
 */
export function filterOfFew(filter: CustomerFilter, externalIds: ReadonlySet<string>): CustomerFilter {
  const ofFew = (inner: CustomerFilter) => filterOfFew(inner, externalIds);
  const { externalId, and, or, not } = filter;
  return {
    ...filter,
    ...(externalId && { externalId: theirs(externalId, externalIds) }),
    ...(and && { and: and.map(ofFew) }),
    ...(or && { or: or.map(ofFew) }),
    ...(not && { not: ofFew(not) }),
  };
}

/** Whether the filter lists external ids anywhere. */
export function listsIds({ externalId, and, or, not }: CustomerFilter): boolean {
  return Boolean(externalId) || [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].some(listsIds);
}

function theirs(listed: readonly string[], externalIds: ReadonlySet<string>): readonly string[] {
  const found = listed.filter((id) => externalIds.has(id.trim()));
  return found.length > 0 ? found : listed.slice(0, 1);
}
