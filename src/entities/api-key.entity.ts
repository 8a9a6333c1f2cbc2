import { Column, Entity, Index } from 'typeorm';
import { CreatedAt, Identity, Instant, Text } from './columns.js';

/** Each role may do what the ones before it may. */
export const apiRoles = ['VIEWER', 'MARKETER', 'ADMIN'] as const;
export type ApiRole = (typeof apiRoles)[number];

/** A caller's credential. Only its SHA-256 is kept: the key has 256 random bits, so a slow hash would add nothing. */
@Entity('api_key')
@Index(['hash'], { unique: true })
export class ApiKey {
  @Identity()
  id: string;

  @Text()
  name: string;

  @Column({ type: 'enum', enum: apiRoles, enumName: 'api_role' })
  role: ApiRole;

  @Text()
  hash: string;

  /** The first characters, to recognise a key by. */
  @Text()
  prefix: string;

  @CreatedAt()
  createdAt: Date;

  @Instant({ nullable: true })
  revokedAt: Date | null;

  /** When it was last used, to within an hour; null if never. */
  @Instant({ nullable: true })
  lastUsedAt: Date | null;
}
