import { Field, Float, ObjectType } from 'type-graphql';
import type { FeatureGroup } from '../../ml/features/feature-group.js';
import type { Contribution, ExplanationContent, TokenHighlight } from '../../ml/explain/explanation.js';
import { FeatureGroupEnum } from '../runs/snapshot.enum.js';
import { NarrativeSpanType } from '../runs/snapshot.type.js';

/** An explanation with what its wording needs. */
export interface Explanation extends ExplanationContent {
  readonly currency: string;
}

@ObjectType('Contribution', { description: 'One reason, in money.' })
class ContributionType implements Contribution {
  @Field(() => FeatureGroupEnum, { name: 'feature', description: 'What it is about.' })
  group: FeatureGroup;

  @Field({ simple: true, description: 'Name of the feature group for people, e.g. `Last purchase`.' })
  label: string;

  @Field({ simple: true, description: "The customer's own value, in words, e.g. `12 days ago`; may be empty." })
  value: string;

  @Field(() => Float, {
    simple: true,
    description: "By how much it moves the prediction away from a typical customer's.",
  })
  amount: number;
}

@ObjectType('TokenHighlight', { description: 'A word, or a part of one, of the narrative.' })
class TokenHighlightType implements TokenHighlight {
  @Field({ simple: true, description: 'Begins with `##` if it continues the word before.' })
  token: string;

  @Field(() => FeatureGroupEnum, { simple: true })
  group: FeatureGroup;

  @Field(() => Float, {
    simple: true,
    description: 'By how much it moves the prediction: a part of the amount of its group.',
  })
  amount: number;
}

@ObjectType('Explanation', {
  description:
    'Why a customer is worth what the model says: `baseline` + the amounts of `contributions` + `residual` = ' +
    '`predicted`, to the cent, in the currency of the prediction.',
})
export class ExplanationType implements Omit<ExplanationContent, 'horizonDays'> {
  @Field(() => Float, {
    simple: true,
    description:
      'What the model predicts for a typical customer: the same for all, except for a few per cent where the model reads words, ' +
      'since it is then shown as many hidden words as the customer has.',
  })
  baseline: number;

  @Field(() => [ContributionType], { simple: true, description: 'Largest effect first.' })
  contributions: ContributionType[];

  @Field(() => Float, { simple: true, description: 'What rounding, quadrature and bounds leave unexplained.' })
  residual: number;

  @Field(() => Float, { simple: true })
  predicted: number;

  @Field(() => [TokenHighlightType], {
    simple: true,
    description:
      'Empty for basis PRIOR, which reads no words. Those of ENGAGEMENT and SUPPORT, which customers wrote: role MARKETER.',
  })
  tokens: TokenHighlightType[];

  @Field(() => [NarrativeSpanType], {
    simple: true,
    description:
      'The text about the customer, in order. The model reads its beginning, as far as `tokens` go. ENGAGEMENT and SUPPORT, ' +
      'which quote what customers wrote, need the role MARKETER.',
  })
  narrative: NarrativeSpanType[];

  @Field(() => Float, {
    simple: true,
    description:
      'Share of the difference to the baseline that the attribution missed; it is part of `residual`, beside the effects of ' +
      'bounds, of rounding and of 8-bit integers.',
  })
  completenessError: number;
}
