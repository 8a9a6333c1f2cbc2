import type { CustomerFilter } from '../customer-filter.types.js';

/**
 * The filter as it is asked of a few customers: of the external ids that it lists only theirs, without which each page with
 * `Customer.segments` would send all lists of all segments. A list keeps one, since an empty one is refused.
 * @param externalIds theirs
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

/** Whether it lists external ids anywhere. */
export function listsIds({ externalId, and, or, not }: CustomerFilter): boolean {
  return Boolean(externalId) || [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].some(listsIds);
}

function theirs(listed: readonly string[], externalIds: ReadonlySet<string>): readonly string[] {
  const found = listed.filter((id) => externalIds.has(id.trim()));
  return found.length > 0 ? found : listed.slice(0, 1);
}
