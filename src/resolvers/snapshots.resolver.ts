import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Snapshot } from '../entities/index.js';
import { PageArgs } from '../schema/connection.js';
import { SnapshotConnection, SnapshotType } from '../schema/snapshot.type.js';
import type { Page } from '../services/paging.js';
import { Allow } from './authorization.js';
import type { RequestContext } from './context.js';
import { IdArg } from './id-arg.js';

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
}
