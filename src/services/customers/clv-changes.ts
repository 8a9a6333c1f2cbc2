import type { ClvChange, Customer } from '../../entities/index.js';
import { cents } from '../../math.js';

/** The last change of a customer's value or tier in lists. Money in currency. */
export interface CustomerClvChange extends Pick<ClvChange, 'tier' | 'previousTier'> {
  readonly at: Date;
  readonly predicted: number;
  readonly previous: number | null;
  /** When the tier last changed. */
  readonly tierAt: Date;
}

export function toCustomerClvChange(change: NonNullable<Customer['clvChange']>): CustomerClvChange {
  const { changedAt, value, previousValue, tier, tierChangedAt, previousTier } = change;
  return {
    at: changedAt,
    predicted: cents(value),
    previous: previousValue === null ? null : cents(previousValue),
    tier,
    tierAt: tierChangedAt,
    previousTier,
  };
}
