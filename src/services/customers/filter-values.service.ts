import type { DataSource } from 'typeorm';
import pLimit from 'p-limit';
import type { Notifications } from '../../database/notifications.js';
import { Lazy } from '../../lazy.js';
import { customersErasedChannel } from '../ingestion/live/erasure.js';
import { findScoredBase, isStillRead } from '../scoring/scored-base.js';
import {
  countAttributes,
  countCategories,
  countColumn,
  countTiers,
  type FilterAttribute,
  type FilterValueCounts,
} from './filters/filter-value-counts.js';
import { KeptCount } from './filters/kept-count.js';

/** The values for the conditions of a filter. Counts are cached, and forgotten when customers are erased. */
export class FilterValuesService {
  /** Limits counts at a time, so that connections are left. */
  private readonly inTurn = pLimit(2);
  private readonly counts;
  /** Listens for erasures from before the first count on, so that none is missed. */
  private readonly listening: Lazy<unknown>;

  constructor(
    private readonly dataSource: DataSource,
    notifications: Notifications,
  ) {
    this.counts = {
      country: this.kept(() => countColumn(dataSource, 'country')),
      source: this.kept(() => countColumn(dataSource, 'source')),
      boughtCategory: this.kept(() => countCategories(dataSource)),
      tier: this.kept(() => this.countTiers()),
      attributes: this.kept(() => countAttributes(dataSource)),
    };
    const forget = () => Object.values(this.counts).forEach((count) => count.forget());
    this.listening = new Lazy(() =>
      notifications.subscribe(customersErasedChannel, { onNotification: forget, onReconnect: forget }),
    );
  }

  async of(field: 'country' | 'source' | 'boughtCategory'): Promise<FilterValueCounts> {
    await this.listening.get();
    return this.counts[field].get();
  }

  /** Null where the base was not scored. */
  async tiers(): Promise<FilterValueCounts | null> {
    await this.listening.get();
    return this.counts.tier.get();
  }

  async attributes(): Promise<readonly FilterAttribute[]> {
    await this.listening.get();
    return this.counts.attributes.get();
  }

  private async countTiers(): Promise<FilterValueCounts | null> {
    const { scored } = await findScoredBase(this.dataSource);
    const counts = scored && (await countTiers(this.dataSource, scored));
    return !scored || (await isStillRead(this.dataSource, scored)) ? counts : this.countTiers();
  }

  private kept<Count>(make: () => Promise<Count>): KeptCount<Count> {
    return new KeptCount(() => this.inTurn(make));
  }
}
