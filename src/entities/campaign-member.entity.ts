import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Campaign } from './campaign.entity.js';
import { Customer } from './customer.entity.js';

/** Of those whom a campaign would reach: who is contacted, and who is held out by chance. */
export const campaignGroups = ['CONTACTED', 'CONTROL'] as const;
export type CampaignGroup = (typeof campaignGroups)[number];

/** A customer whom a campaign reaches, or would reach but for the control group. */
@Entity('campaign_member')
// Without it, deleting a customer would read all members.
@Index(['customerId'])
export class CampaignMember {
  @PrimaryColumn({ type: 'bigint' })
  campaignId: string;

  @ManyToOne(() => Campaign, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'campaign_id' })
  campaign: Relation<Campaign>;

  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @ManyToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  @Column({ type: 'enum', enum: campaignGroups, enumName: 'campaign_group' })
  memberGroup: CampaignGroup;

  /** Expected net spend in the horizon when the campaign was started, without it. */
  @Column({ type: 'double precision' })
  predicted: number;
}
