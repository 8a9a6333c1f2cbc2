import { Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { Snapshot } from '../../entities/index.js';
import { PageArgs } from '../../schema/connection.js';
import { resultOf } from '../../schema/error-result.type.js';
import { DeleteSnapshotResultUnion, deletionErrors } from '../../schema/models/model.union.js';
import { SnapshotConnection, SnapshotType } from '../../schema/runs/snapshot.type.js';
import type { Page } from '../../services/paging.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';

@Resolver()
export class SnapshotsResolver {
  @Allow('ADMIN')
  @Query(() => SnapshotConnection, { description: 'Newest first.' })
  snapshots(@Args(() => PageArgs) page: PageArgs, @Ctx() { services }: RequestContext): Promise<Page<Snapshot>> {
    return services.snapshots.page(page);
  }

  @Allow('ADMIN')
  @Query(() => SnapshotType, { nullable: true })
  snapshot(@IdArg('Snapshot') id: string, @Ctx() { loaders }: RequestContext): Promise<Snapshot | null> {
    return loaders.snapshotById.load(id);
  }

  @Allow('ADMIN')
  @Mutation(() => DeleteSnapshotResultUnion, {
    description: 'Removes a snapshot with its rows. Models that were trained on it stay.',
  })
  deleteSnapshot(@IdArg('Snapshot') id: string, @Ctx() { services }: RequestContext) {
    return resultOf(deletionErrors, services.snapshots.delete(id));
  }
}
