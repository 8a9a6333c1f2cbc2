import { type DataSource, In } from 'typeorm';
import { ClvChange } from '../../entities/index.js';
import { cents } from '../../math.js';

/** What lists said of a customer when its value or tier last changed. Money in currency. */
export interface CustomerClvChange extends Pick<ClvChange, 'tier' | 'previousTier'> {
  readonly at: Date;
  readonly predicted: number;
  readonly previous: number | null;
  /** When the tier last changed. */
  readonly tierAt: Date;
}

/** By customer id. Nobody has one before the first scoring in which there is a prediction. */
export async function findClvChanges(
  dataSource: DataSource,
  customerIds: readonly string[],
): Promise<Map<string, CustomerClvChange>> {
  const rows = await dataSource.getRepository(ClvChange).findBy({ customerId: In(customerIds) });
  return new Map(
    rows.map(({ customerId, changedAt, value, previousValue, tier, tierChangedAt, previousTier }) => [
      customerId,
      {
        at: changedAt,
        predicted: cents(value),
        previous: previousValue === null ? null : cents(previousValue),
        tier,
        tierAt: tierChangedAt,
        previousTier,
      },
    ]),
  );
}
