import { type ClvTier, clvTiers } from '../../entities/index.js';

/** The percentile that each begins at. */
export const tierBounds = { PLATINUM: 95, GOLD: 80, SILVER: 50, BRONZE: 0 } as const satisfies Record<ClvTier, number>;

export function tierOf(percentile: number): ClvTier {
  return clvTiers.find((tier) => percentile >= tierBounds[tier]) ?? 'BRONZE';
}

/** The same in SQL, as text. @param percentile in SQL, not null */
export function tierAt(percentile: string): string {
  return `case ${clvTiers.map((tier) => `when ${percentile} >= ${tierBounds[tier]} then '${tier}'`).join(' ')} end`;
}
