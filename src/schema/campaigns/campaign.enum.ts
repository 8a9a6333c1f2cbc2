import { registerEnumType } from 'type-graphql';
import { campaignGroups } from '../../entities/index.js';
import { enumOf } from '../enum-of.js';

export const CampaignGroupEnum = enumOf(campaignGroups);

registerEnumType(CampaignGroupEnum, {
  name: 'CampaignGroup',
  description: 'The customers whom a campaign would reach are divided at random.',
  valuesConfig: {
    CONTACTED: { description: 'To be contacted.' },
    CONTROL: { description: 'Left alone, so that the campaign can be judged by what they spend.' },
  },
});
