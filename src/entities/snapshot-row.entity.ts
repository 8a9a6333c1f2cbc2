import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Json } from './columns.js';
import { Snapshot } from './snapshot.entity.js';

export const snapshotSplits = ['TRAIN', 'VALIDATION'] as const;
export type SnapshotSplit = (typeof snapshotSplits)[number];

/** What the model reads of one customer at one closed (as-of, horizon) window, and the label. */
@Entity('snapshot_row')
export class SnapshotRow {
  @PrimaryColumn({ type: 'bigint' })
  snapshotId: string;

  @ManyToOne(() => Snapshot, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'snapshot_id' })
  snapshot: Relation<Snapshot>;

  /** Position in `Snapshot.windows`. */
  @PrimaryColumn({ type: 'smallint' })
  window: number;

  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @Column({ type: 'enum', enum: snapshotSplits, enumName: 'snapshot_split' })
  split: SnapshotSplit;

  /** Raw values in the order of `Snapshot.featureSchema`; null where missing. */
  @Column({ type: 'double precision', array: true })
  features: (number | null)[];

  /** Spans `{ group, text }` in the order in which the model reads them. */
  @Json()
  narrative: unknown[];

  /** Net spend in the horizon; negative where returns outweigh purchases. */
  @Column({ type: 'double precision' })
  label: number;
}
