import { Max, Min } from 'class-validator';
import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import type { Edge, Page, PageInfo, PageRequest } from '../services/paging.js';

/** Arguments of every connection. */
@ArgsType()
export class PageArgs implements PageRequest {
  @Field(() => Int, { defaultValue: 20, description: 'Items at most, 1 to 200.' })
  @Min(1)
  @Max(200)
  first: number;

  @Field(() => String, { nullable: true, description: 'Cursor of the last item of the page before.' })
  after?: string | null;
}

@ObjectType('PageInfo')
class PageInfoType implements PageInfo {
  @Field({ simple: true })
  hasNextPage: boolean;

  @Field({ simple: true })
  hasPreviousPage: boolean;

  @Field(() => String, { simple: true, nullable: true })
  startCursor: string | null;

  @Field(() => String, { simple: true, nullable: true })
  endCursor: string | null;
}

/**
 * `<Name>Connection` and `<Name>Edge` for an object type, after Relay's cursor connections specification. Its values
 * are `Page`s of what the object type stands for.
 */
export function connectionOf<Node extends object>(name: string, node: ClassType<Node>): ClassType<Page<Node>> {
  @ObjectType(`${name}Edge`)
  class EdgeType implements Edge<Node> {
    @Field(() => node, { simple: true })
    node: Node;

    @Field({ simple: true })
    cursor: string;
  }

  @ObjectType(`${name}Connection`)
  class ConnectionType implements Page<Node> {
    @Field(() => [EdgeType], { simple: true })
    edges: EdgeType[];

    @Field(() => PageInfoType, { simple: true })
    pageInfo: PageInfoType;
  }
  return ConnectionType;
}
