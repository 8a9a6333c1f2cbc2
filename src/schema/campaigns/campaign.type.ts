import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { CampaignOutcome, CampaignPoint, MarginalCustomer } from '../../services/campaigns/campaign-outcome.js';
import type { CampaignInterval, CampaignUncertainty } from '../../services/campaigns/campaign-uncertainty.js';
import { money } from '../number-fields.js';

const count = (description: string) => Field(() => Int, { simple: true, description });
const bound = () => Field(() => Float, { simple: true });

@ObjectType('CampaignPoint')
class CampaignPointType implements CampaignPoint {
  @count('Customers contacted, the most valuable first.')
  depth: number;

  @Field(() => Float, { simple: true, description: 'Of the candidates, 0 to 1.' })
  share: number;

  @money('Of all these contacts.')
  cost: number;

  @money('Expected.')
  incrementalRevenue: number;

  @money('Expected.')
  incrementalProfit: number;
}

@ObjectType('MarginalCustomer', { description: 'The least valuable customer who is still contacted.' })
export class MarginalCustomerType implements MarginalCustomer {
  readonly customerId: string;

  @money('Expected net spend in the horizon.')
  predicted: number;

  @money('Expected, of this one contact.')
  incrementalProfit: number;
}

@ObjectType('CampaignOutcome', { description: 'What to expect of the campaign, compared with not having it.' })
export class CampaignOutcomeType implements Omit<CampaignOutcome, 'marginal'> {
  @count('Customers who match, have a prediction and are not held out.')
  candidates: number;

  @count('Candidates to contact.')
  contacted: number;

  @money('Of all contacts.')
  cost: number;

  @money('Expected net spend of those contacted, without the campaign.')
  predicted: number;

  @money('`uplift` * `predicted`.')
  incrementalRevenue: number;

  @money('`margin` * `incrementalRevenue` - `cost`.')
  incrementalProfit: number;

  @Field(() => Float, {
    simple: true,
    nullable: true,
    description: '`incrementalProfit` / `cost`: 0.5 stands for 50 %. Null where the contacts cost nothing.',
  })
  returnOnInvestment: number | null;

  @Field(() => Float, {
    simple: true,
    nullable: true,
    description: 'A contact pays for itself with a customer of this expected spend. Null where none ever does.',
  })
  breakEvenClv: number | null;

  @Field(() => Float, {
    simple: true,
    nullable: true,
    description: 'With this uplift these contacts would just pay for themselves. Null where nobody is contacted.',
  })
  breakEvenUplift: number | null;

  @count('How many are worth a contact, whatever the budget: where the expected profit of all contacts is highest.')
  profitableDepth: number;

  @count('How many could be contacted, the most valuable first, before the expected profit of all contacts is lost.')
  breakEvenDepth: number;

  @Field(() => [CampaignPointType], {
    simple: true,
    description: 'Expectations by depth, whatever the budget: at most 100 points, the last one at all candidates.',
  })
  curve: CampaignPointType[];
}

@ObjectType('CampaignInterval', { description: 'Central interval of the total of all contacts.' })
class CampaignIntervalType implements CampaignInterval {
  @Field(() => Float, { simple: true, description: 'Probability inside the interval.' })
  level: number;

  @bound()
  revenueLower: number;

  @bound()
  revenueUpper: number;

  @bound()
  profitLower: number;

  @bound()
  profitUpper: number;
}

@ObjectType('CampaignUncertainty', {
  description:
    "How far the incremental revenue and profit may be from what is expected: from the customers' own predictive " +
    "distributions, taken as independent, from an error of the model's level, which moves all customers together, and from " +
    '`upliftInterval`.',
})
export class CampaignUncertaintyType implements CampaignUncertainty {
  @Field(() => Float, { simple: true, description: 'Of a profit above 0, 0 to 1.' })
  probabilityOfProfit: number;

  @Field(() => [CampaignIntervalType], { simple: true, description: 'Of 80 % and of 95 %.' })
  intervals: CampaignIntervalType[];
}

@ObjectType('CampaignPlan', {
  description:
    'Whom to contact: a contact is expected to earn `margin` * `uplift` * predicted net spend - `contactCost`; those ' +
    'with whom it earns more than 0, the most valuable first, until the budget is spent. Costs and expectations are those ' +
    'of the contacted alone, without the control group. Money in `currency`.',
})
export class CampaignPlanType {
  @Field({ simple: true, description: 'Of the orders, and so of every amount; ISO 4217.' })
  currency: string;
}
