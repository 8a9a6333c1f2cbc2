import { Entity, Index } from 'typeorm';
import { CreatedAt, Identity, Json, Text, UpdatedAt } from './columns.js';

/** A named customer filter. Members are never stored: a segment is always live. */
@Entity('segment')
@Index(['name'], { unique: true })
export class Segment {
  @Identity()
  id: string;

  @Text()
  name: string;

  @Text({ nullable: true })
  description: string | null;

  @Json()
  filter: Record<string, unknown>;

  @CreatedAt()
  createdAt: Date;

  @UpdatedAt()
  updatedAt: Date;
}
