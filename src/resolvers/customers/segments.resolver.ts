import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { Segment } from '../../entities/index.js';
import { PageArgs } from '../../schema/connection.js';
import { CustomerFilterInput } from '../../schema/customers/customer-filter.input.js';
import { resultOf } from '../../schema/error-result.type.js';
import { CreateSegmentInput, UpdateSegmentInput } from '../../schema/customers/segment.input.js';
import { SegmentConnection, SegmentPreviewType, SegmentType } from '../../schema/customers/segment.type.js';
import { segmentErrors, SegmentResultUnion } from '../../schema/customers/segment.union.js';
import type { Page } from '../../services/paging.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';
import { readWithinBudget } from '../page-within-budget.js';

@Resolver()
export class SegmentsResolver {
  @Allow('VIEWER')
  @Query(() => SegmentConnection, { description: 'Newest first.' })
  segments(@Args(() => PageArgs) page: PageArgs, @Ctx() { services, budget }: RequestContext): Promise<Page<Segment>> {
    // Filters are read from the database whatever a query selects, so they always count towards the budget.
    const filters = ({ edges }: Page<Segment>) => edges.map(({ node }) => node.filter);
    return readWithinBudget(budget, filters, () => services.segments.page(page));
  }

  @Allow('VIEWER')
  @Query(() => SegmentType, { nullable: true })
  segment(@IdArg('Segment') id: string, @Ctx() { loaders }: RequestContext): Promise<Segment | null> {
    return loaders.segmentById.load(id);
  }

  @Allow('VIEWER')
  @Query(() => SegmentPreviewType, {
    nullable: true,
    description:
      'What a segment with this filter would be. Nothing is stored. Null with an error where it cannot be told: ' +
      'MODEL_NOT_READY before predictions that the filter needs, BAD_USER_INPUT for a wrong filter.',
  })
  previewSegment(@Arg('filter', () => CustomerFilterInput) filter: CustomerFilterInput): SegmentPreviewType {
    return { filter };
  }

  @Allow('MARKETER')
  @Mutation(() => SegmentResultUnion)
  createSegment(
    @Arg('input', () => CreateSegmentInput) input: CreateSegmentInput,
    @Ctx() { services }: RequestContext,
  ) {
    return resultOf(segmentErrors, services.segments.create(input));
  }

  @Allow('MARKETER')
  @Mutation(() => SegmentResultUnion)
  updateSegment(
    @IdArg('Segment') id: string,
    @Arg('input', () => UpdateSegmentInput) input: UpdateSegmentInput,
    @Ctx() { services }: RequestContext,
  ) {
    return resultOf(segmentErrors, services.segments.update(id, input));
  }

  @Allow('MARKETER')
  @Mutation(() => SegmentResultUnion)
  deleteSegment(@IdArg('Segment') id: string, @Ctx() { services }: RequestContext) {
    return resultOf(segmentErrors, services.segments.delete(id));
  }
}
