import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { CreatedAt, Instant, Json, Reference, Text } from './columns.js';

export const runKinds = ['PREPROCESS', 'FINE_TUNE', 'SCORE', 'EVALUATE', 'RETRAIN', 'COMPARE', 'NOTE_CHANGES'] as const;
export type RunKind = (typeof runKinds)[number];

export const runStates = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type RunState = (typeof runStates)[number];

export interface RunError {
  code: string;
  message: string;
}

/** The record of a job: what was asked for, how far it is, and how it ended. */
@Entity('run')
@Index(['kind', 'state'])
@Index(['createdAt'])
export class Run {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column({ type: 'enum', enum: runKinds, enumName: 'run_kind' })
  kind: RunKind;

  @Column({ type: 'enum', enum: runStates, enumName: 'run_state', default: 'PENDING' })
  state: RunState;

  /** What is being done now, for people. */
  @Text({ default: '' })
  phase: string;

  /** Share of the work that is done, 0 to 1. */
  @Column({ type: 'real', default: 0 })
  progress: number;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  @Json({ default: {} })
  input: Record<string, unknown>;

  @Json({ nullable: true })
  result: Record<string, unknown> | null;

  @Json({ nullable: true })
  error: RunError | null;

  @Reference({ nullable: true })
  requestedById: string | null;

  @Instant({ nullable: true })
  cancelRequestedAt: Date | null;

  @CreatedAt()
  createdAt: Date;

  @Instant({ nullable: true })
  startedAt: Date | null;

  @Instant({ nullable: true })
  settledAt: Date | null;
}
