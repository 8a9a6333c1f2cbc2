import { Field, Float, ObjectType } from 'type-graphql';
import type { ClvTier } from '../../entities/index.js';
import type { CustomerClvChange } from '../../services/customers/clv-changes.js';
import { noteworthyChange } from '../../services/scoring/note-clv-changes.js';
import { ClvTierEnum } from './clv.enum.js';

const percent = (share: number): string => `${share * 100} %`;

@ObjectType('ClvChange', {
  description:
    'The last change of what lists say of a customer, as a scoring of all customers found it: another tier, or a value that ' +
    `differs from that of the change before by more than ${percent(noteworthyChange.ofItself)}, and by more than ` +
    `${percent(noteworthyChange.ofMean)} of the mean of all. Slow changes add up until they are one. It does not matter which ` +
    'model made the prediction: another one that says the same changes nothing.',
})
export class ClvChangeType implements CustomerClvChange {
  @Field({ simple: true, description: 'Later than that of every earlier change of any customer.' })
  at: Date;

  @Field(() => Float, {
    simple: true,
    description: '`clv.predicted` at that time; 0 if there is no prediction any more.',
  })
  predicted: number;

  @Field(() => Float, {
    simple: true,
    nullable: true,
    description: '`predicted` of the previous change. Null for the first.',
  })
  previous: number | null;

  @Field(() => ClvTierEnum, { simple: true })
  tier: ClvTier;

  @Field({ simple: true, description: '`at` of the last change of tier.' })
  tierAt: Date;

  @Field(() => ClvTierEnum, {
    simple: true,
    nullable: true,
    description: 'The tier before `tierAt`. Null if there was none.',
  })
  previousTier: ClvTier | null;
}
