import type { DataSource } from 'typeorm';
import type { RunKind, RunState } from '../entities/index.js';
import { findServingState, type ServingState } from './models/active-model.js';

/** Figures from the database for those who monitor clvgraph. */
export interface SystemState extends Pick<ServingState, 'model' | 'lastDay'> {
  /** Numbers of runs by kind and state, where there are any. */
  readonly runs: readonly RunCount[];
}

interface RunCount {
  readonly kind: RunKind;
  readonly state: RunState;
  readonly runs: number;
  /** When the newest of them was settled; for states of unsettled runs, when the oldest one was asked for. */
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
