import { type ClvTier, clvTiers } from '../../entities/index.js';

/** The lowest percentile of each tier. */
export const tierBounds = { PLATINUM: 95, GOLD: 80, SILVER: 50, BRONZE: 0 } as const satisfies Record<ClvTier, number>;

export function tierOf(percentile: number): ClvTier {
  return clvTiers.find((tier) => percentile >= tierBounds[tier]) ?? 'BRONZE';
}

/** SQL of the tier, as text. @param percentile in SQL, not null */
export function tierAt(percentile: string): string {
  return `case ${clvTiers.map((tier) => `when ${percentile} >= ${tierBounds[tier]} then '${tier}'`).join(' ')} end`;
}
