import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Groups of those whom a campaign would reach: who is contacted, and who is held out by chance. */
export const campaignGroups = ['CONTACTED', 'CONTROL'] as const;
export type CampaignGroup = (typeof campaignGroups)[number];

/**
 * A customer whom a campaign reaches, or would reach but for the control group. The table has no foreign keys, which would take most of
 * the time of a start. So whoever deletes a campaign or customers deletes its members, too.
 */
@Entity('campaign_member')
export class CampaignMember {
  @PrimaryColumn({ type: 'bigint' })
  campaignId: string;

  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @Column({ type: 'enum', enum: campaignGroups, enumName: 'campaign_group' })
  memberGroup: CampaignGroup;

  /** Net spend in the horizon that was expected at the campaign's start, without the campaign. */
  @Column({ type: 'double precision' })
  predicted: number;
}
