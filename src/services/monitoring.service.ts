import type { DataSource } from 'typeorm';
import type { RunKind, RunState } from '../entities/index.js';
import { findServingState, type ServingState } from './models/active-model.js';

/** What those who watch over clvgraph are told of what the database holds. */
export interface SystemState extends Pick<ServingState, 'model' | 'lastDay'> {
  /** Numbers of runs by kind and state; those without runs are left out. */
  readonly runs: readonly RunCount[];
}

interface RunCount {
  readonly kind: RunKind;
  readonly state: RunState;
  readonly runs: number;
  /** When the newest of them was settled; of those that are not, when the oldest was asked for. */
  readonly since: Date;
}

export class MonitoringService {
  constructor(private readonly dataSource: DataSource) {}

  async state(): Promise<SystemState> {
    const [serving, runs] = await Promise.all([
      findServingState(this.dataSource),
      this.dataSource.query<RunCount[]>(
        `select kind, state, count(*)::int as runs, coalesce(max(settled_at), min(created_at)) as since
         from run group by kind, state order by kind, state`,
      ),
    ]);
    return { ...serving, runs };
  }
}
