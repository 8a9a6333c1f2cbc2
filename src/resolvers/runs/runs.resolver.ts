import { Args, Ctx, Mutation, Query, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';
import type { Run } from '../../entities/index.js';
import { localId } from '../../schema/global-id.js';
import { RunsArgs } from '../../schema/runs/run.input.js';
import { RunConnection, RunType } from '../../schema/runs/run.type.js';
import type { Page } from '../../services/paging.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';

@Resolver()
export class RunsResolver {
  @Allow('ADMIN')
  @Query(() => RunType, { nullable: true })
  run(@IdArg('Run') id: string, @Ctx() { services }: RequestContext): Promise<Run | null> {
    return services.runs.find(id);
  }

  @Allow('ADMIN')
  @Query(() => RunConnection, { description: 'Newest first.' })
  runs(@Args(() => RunsArgs) args: RunsArgs, @Ctx() { services }: RequestContext): Promise<Page<Run>> {
    return services.runs.page(args, args.filter ?? {});
  }

  @Allow('ADMIN')
  @Mutation(() => RunType, {
    description:
      'Asks a run to stop; it does within two seconds, or, while it learns the pace of purchases of a large base, within some ' +
      'twenty. CONFLICT where it has completed or failed already.',
  })
  cancelRun(@IdArg('Run') id: string, @Ctx() { services }: RequestContext): Promise<Run> {
    return services.runs.cancel(id);
  }

  @Allow('ADMIN')
  @Subscription(() => RunType, {
    description: 'The run now and after every change, until it has settled.',
    subscribe: watchRun,
  })
  runProgress(@IdArg('Run') _id: string, @Root() run: Run): Run {
    return run;
  }
}

async function watchRun({ args, context }: SubscribeResolverData<unknown, { id: string }, RequestContext>) {
  const { runs } = context.services;
  const { id } = await runs.getTogether(localId('Run', args.id));
  return runs.watch(id);
}
