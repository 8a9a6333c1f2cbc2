import { Max, Min } from 'class-validator';
import { ArgsType, Field, Float, ID, InputType, Int } from 'type-graphql';
import type { CampaignOffer, UpliftInterval } from '../../services/campaigns/campaign-plan.js';
import type { ControlGroup } from '../../services/campaigns/control-group.js';
import { CustomerFilterInput } from '../customers/customer-filter.input.js';
import { DateScalar } from '../scalars/date.scalar.js';

@InputType({
  description: 'A central 95 % interval that holds `uplift`, as a test with a control group gives it; within -1 to 10.',
})
class UpliftIntervalInput implements UpliftInterval {
  @Field(() => Float)
  lower: number;

  @Field(() => Float)
  upper: number;
}

@InputType({ description: 'Candidates who are left alone, so that the campaign can be judged by what they spend.' })
class ControlGroupInput implements ControlGroup {
  @Field({
    description:
      'Name of the campaign, 1 to 100 characters. The same name holds out the same customers; those of different names ' +
      'are independent of each other.',
  })
  campaign: string;

  @Field(() => Float, {
    description: 'Of the candidates, 0 to 0.5. A larger share holds out the same customers and more.',
  })
  share: number;
}

@ArgsType()
export class CampaignArgs implements CampaignOffer {
  @Field(() => ID, { nullable: true, description: 'Only members of this segment; instead of `filter`.' })
  segment?: string | null;

  @Field(() => CustomerFilterInput, { nullable: true, description: 'Only customers who match.' })
  filter?: CustomerFilterInput | null;

  @Field(() => Float, { description: 'Of one customer, in the currency of the orders: 0, or a millionth or more.' })
  contactCost: number;

  @Field(() => Float, { description: 'Share of the revenue that is kept, 0 to 1.' })
  margin: number;

  @Field(() => Float, {
    description:
      'Relative increase of the expected spend in the horizon that a contact causes, 0 to 10: 0.1 stands for 10 % more.',
  })
  uplift: number;

  @Field(() => UpliftIntervalInput, {
    nullable: true,
    description: 'How sure the uplift is; if not given, the uplift is taken as known exactly.',
  })
  upliftInterval?: UpliftIntervalInput | null;

  @Field(() => Float, { nullable: true, description: 'All contacts together cost this at most. Default: no limit.' })
  budget?: number | null;

  @Field(() => ControlGroupInput, { nullable: true, description: 'Default: nobody is held out.' })
  control?: ControlGroupInput | null;
}

@ArgsType()
export class StartCampaignArgs extends CampaignArgs {
  @Field(() => ControlGroupInput, { description: 'Its `campaign` becomes the name, which must be unique.' })
  override control: ControlGroupInput;

  @Field(() => DateScalar, {
    nullable: true,
    description:
      'The first day on which spend counts. Default, and the earliest: today, in UTC, or `CampaignPlan.asOf` where that is ' +
      'later.',
  })
  startsOn?: Date | null;
}

@ArgsType()
export class CampaignEffectArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'Only the first so many days, from the start on, 1 to 36500. Default: all days that are over.',
  })
  @Min(1)
  @Max(36_500)
  days?: number | null;
}
