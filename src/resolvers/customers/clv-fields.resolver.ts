import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Float, Info, Resolver, Root } from 'type-graphql';
import type { ModelVersion } from '../../entities/index.js';
import { summarise, type SummaryLocale } from '../../ml/explain/summary.js';
import { ClvBasisReasonEnum, SummaryLocaleEnum } from '../../schema/customers/clv.enum.js';
import { ClvIntervalType, ClvType, IntervalArgs } from '../../schema/customers/clv.type.js';
import { DateScalar } from '../../schema/scalars/date.scalar.js';
import { type Explanation, ExplanationType } from '../../schema/customers/explanation.type.js';
import { ModelVersionType } from '../../schema/models/model.type.js';
import { WhatIfType } from '../../schema/customers/what-if.type.js';
import { type ClvBasisReason, type CustomerClv, intervalOf } from '../../services/predictions/customer-clv.js';
import type { PriorOnlyReason } from '../../services/models/serving-bundle.js';
import { whatIfLabel } from '../../services/explanations/what-if-wording.js';
import type { WhatIf } from '../../services/explanations/what-ifs.service.js';
import { askedFor } from '../asked-for.js';
import { hasRole } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { withoutOwnWords } from './customers-own-words.js';

@Resolver(() => ClvType)
export class ClvFieldsResolver {
  @FieldResolver(() => ClvIntervalType, { description: 'Where the net spend in the horizon will lie.' })
  interval(@Root() clv: CustomerClv, @Args(() => IntervalArgs) { level }: IntervalArgs): ClvIntervalType {
    const { lower, upper } = intervalOf(clv, level);
    return { lower, upper, level };
  }

  @FieldResolver(() => Float, { description: 'Net spend before the as-of date.' })
  async historic(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<number> {
    return (await loaders.historyByClv.load(clv)).historic;
  }

  @FieldResolver(() => Float, { description: '`historic` + `predicted`.' })
  async total(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<number> {
    return (await loaders.historyByClv.load(clv)).total;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'Mean value of a purchase before the as-of date: of a day on which more was bought than returned, whichever order was ' +
      'returned (see `Customer.lastOrderDate`). Null without one.',
  })
  async averageOrderValue(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<number | null> {
    return (await loaders.historyByClv.load(clv)).averageOrderValue;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Before the as-of date. Null with fewer than two purchases by then.',
  })
  async averageDaysBetweenOrders(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<number | null> {
    return (await loaders.historyByClv.load(clv)).averageDaysBetweenOrders;
  }

  @FieldResolver(() => DateScalar, {
    nullable: true,
    description:
      'When the next purchase is expected, if one comes within the horizon at all. For customers who have bought on four days ' +
      'or more at regular gaps, and are overdue by half a gap at most: one mean gap after the last purchase, but neither before ' +
      'the as-of date nor after the end of the horizon. For all others: the day by which half of the customers of the same ' +
      '`predictedOrders` and `purchaseProbability` who come have come, at a constant rate. Null for basis NONE.',
  })
  async expectedNextOrderDate(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<Date | null> {
    return (await loaders.historyByClv.load(clv)).expectedNextOrderDate;
  }

  @FieldResolver(() => ClvBasisReasonEnum, { nullable: true, description: 'Null for basis MODEL.' })
  async basisReason(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<ClvBasisReason | null> {
    const { prediction } = clv.served;
    if (prediction) return prediction.basisReason as PriorOnlyReason | null;
    return (await loaders.historyByClv.load(clv)).noBasisReason;
  }

  @FieldResolver(() => ModelVersionType, {
    nullable: true,
    description:
      'The model that answered. Null for basis NONE, where there is no active model that can be used, and if it was deleted ' +
      'while it was read.',
  })
  async model(@Root() { served }: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    return served.prediction && loaders.modelById.load(served.period.modelId);
  }

  @FieldResolver(() => ExplanationType, {
    nullable: true,
    description:
      'Why the prediction is what it is. Null for basis NONE, for a stored value without an explanation whose model was made ' +
      'by an earlier version and cannot be used by this one, and for a value whose model, or all orders of whose customer, ' +
      'were deleted while it was read: ask again.',
    complexity: 50,
  })
  async explanation(
    @Root() clv: CustomerClv,
    @Ctx() { actor, loaders }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Explanation | null> {
    const asked = askedFor(info);
    const words = asked.has('tokens') || asked.has('narrative');
    const content = await loaders.explanationByClv.load({ clv, words });
    if (!content) return null;
    return { ...(hasRole(actor, 'MARKETER') ? content : withoutOwnWords(content)), currency: clv.currency };
  }

  @FieldResolver(() => [WhatIfType], {
    description:
      'What would change the prediction. Only changes that are possible for the customer; none for basis NONE, for a stored ' +
      'value whose model was made by an earlier version and cannot be used by this one, and for a value whose model, or all ' +
      'orders of whose customer, were deleted while it was read: ask again.',
    complexity: 20,
  })
  async whatIfs(@Root() clv: CustomerClv, @Ctx() { loaders }: RequestContext): Promise<WhatIfOfClv[]> {
    const whatIfs = await loaders.whatIfsByClv.load(clv);
    return whatIfs.map((whatIf) => ({ ...whatIf, currency: clv.currency }));
  }
}

/** A what-if with the currency, which its wording needs. */
interface WhatIfOfClv extends WhatIf {
  readonly currency: string;
}

@Resolver(() => WhatIfType)
export class WhatIfFieldsResolver {
  @FieldResolver(() => String, { description: 'The change in words.' })
  label(
    @Root() whatIf: WhatIfOfClv,
    @Arg('locale', () => SummaryLocaleEnum, { defaultValue: 'en' }) locale: SummaryLocale,
  ): string {
    return whatIfLabel(whatIf, whatIf.currency, locale);
  }
}

@Resolver(() => ExplanationType)
export class ExplanationFieldsResolver {
  @FieldResolver(() => String, { description: 'The explanation in one sentence.' })
  summary(
    @Root() explanation: Explanation,
    @Arg('locale', () => SummaryLocaleEnum, { defaultValue: 'en' }) locale: SummaryLocale,
  ): string {
    return summarise(explanation, explanation.currency, locale);
  }
}
