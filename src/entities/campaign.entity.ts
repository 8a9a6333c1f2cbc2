import { Column, Entity, Index } from 'typeorm';
import { CreatedAt, Identity, Text } from './columns.js';

/** A campaign that was started: its terms, and whom it reached, in `CampaignMember`. */
@Entity('campaign')
@Index(['name'], { unique: true })
export class Campaign {
  @Identity()
  id: string;

  @Text()
  name: string;

  /** The first UTC day on which spend counts. */
  @Column({ type: 'date' })
  startsOn: string;

  /** Currency of every amount; ISO 4217. */
  @Text()
  currency: string;

  /** Cost of contacting one customer. */
  @Column({ type: 'double precision' })
  contactCost: number;

  /** Share of the revenue that is kept. */
  @Column({ type: 'double precision' })
  margin: number;

  /** Relative increase of the spend that was assumed. */
  @Column({ type: 'double precision' })
  uplift: number;

  /** Share of the candidates who were held out. */
  @Column({ type: 'double precision' })
  controlShare: number;

  /** Number of customers to contact, including those who were erased since. */
  @Column({ type: 'integer' })
  contacts: number;

  @CreatedAt()
  createdAt: Date;
}
