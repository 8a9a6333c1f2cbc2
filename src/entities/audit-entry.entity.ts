import { Entity, Index } from 'typeorm';
import { Identity, Instant, Json, Reference, Text } from './columns.js';

/** Who changed what, when. Append only. */
@Entity('audit_entry')
@Index(['at', 'id'])
@Index(['apiKeyId', 'at', 'id'])
@Index(['action', 'at', 'id'])
// Few operations are not done, and without this index nobody could find them among the others.
@Index(['at', 'id'], { where: "details->>'outcome' <> 'DONE'" })
export class AuditEntry {
  @Identity()
  id: string;

  @Instant({ default: () => 'now()' })
  at: Date;

  /** Null for the command line and for schedules. */
  @Reference({ nullable: true })
  apiKeyId: string | null;

  /** The operation, e.g. `promoteModel`. */
  @Text()
  action: string;

  @Text({ nullable: true })
  target: string | null;

  @Json({ default: {} })
  details: Record<string, unknown>;
}
