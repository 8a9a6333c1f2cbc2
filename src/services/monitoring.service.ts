import type { DataSource } from 'typeorm';
import type { RunKind, RunState } from '../entities/index.js';

/** What those who watch over clvgraph are told of what the database holds. Instants are in seconds since 1970. */
export interface SystemState {
  /** Of the model that serves; null where none was promoted. */
  readonly model: string | null;
  /** As-of date of what lists and segments read; null before the first scoring. */
  readonly scoredAsOf: number | null;
  /** The newest purchase day of anybody; null where there is none. */
  readonly newestPurchase: number | null;
  /** Of each kind and state in which there are runs. */
  readonly runs: readonly RunCount[];
}

export interface RunCount {
  readonly kind: RunKind;
  readonly state: RunState;
  readonly runs: number;
  /** When the newest of them was settled; of those that are not, when the oldest was asked for. */
  readonly since: number;
}

export class MonitoringService {
  constructor(private readonly dataSource: DataSource) {}

  async state(): Promise<SystemState> {
    const [found] = await this.dataSource.query<[SystemState]>(
      `select m.id as model, extract(epoch from m.scored_as_of)::float8 as "scoredAsOf",
         extract(epoch from p.day)::float8 as "newestPurchase",
         (select coalesce(json_agg(counted), '[]') from (
            select kind, state, count(*) as runs,
              extract(epoch from coalesce(max(settled_at), min(created_at))) as since
            from run group by kind, state order by kind, state) counted) as runs
       from (select max(day) as day from purchase_day) p left join model_version m on m.state = 'ACTIVE'`,
    );
    return found;
  }
}
