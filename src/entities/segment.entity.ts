import { Entity, Index } from 'typeorm';
import { CreatedAt, Identity, Json, Text, UpdatedAt } from './columns.js';

/** A named filter of customers. Its members are not stored, but found each time. */
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
