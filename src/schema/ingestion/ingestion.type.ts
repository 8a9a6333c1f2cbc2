import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Erasure } from '../../services/ingestion/live/erasure.js';
import { itemStatuses, type ItemResult, type ItemStatus } from '../../services/ingestion/live/upsert.types.js';
import type { BatchResult, DeletionResult } from '../../services/ingestion/live-ingestion.service.js';
import { enumOf } from '../enum-of.js';

const ItemStatusEnum = enumOf(itemStatuses);

registerEnumType(ItemStatusEnum, {
  name: 'ItemStatus',
  valuesConfig: {
    CREATED: { description: 'It did not exist before.' },
    UPDATED: { description: 'It existed, and something of it changed.' },
    UNCHANGED: { description: 'It existed exactly like this: nothing was written.' },
    DELETED: { description: 'It existed, and was deleted.' },
    UNKNOWN: { description: 'There is no such record: nothing was deleted.' },
    REJECTED: { description: 'It was not accepted; `reason` says why.' },
  },
});

@ObjectType('ItemResult', { description: 'What became of one item of a batch.' })
class ItemResultType implements ItemResult {
  @Field(() => Int, { simple: true, description: 'Position in the batch, from 0.' })
  index: number;

  @Field(() => String, {
    simple: true,
    nullable: true,
    description:
      'Without the spaces that were sent around it; of a rejected item as it was sent. Match items by `index`.',
  })
  externalId: string | null;

  @Field(() => ItemStatusEnum, { simple: true })
  status: ItemStatus;

  @Field(() => String, { simple: true, nullable: true, description: 'Why it was rejected.' })
  reason?: string;

  @Field(() => String, {
    simple: true,
    nullable: true,
    description:
      'What is likely wrong with it, although it was accepted: an order of a customer in another currency than most orders. ' +
      'Null where nothing is.',
  })
  warning?: string;
}

@ObjectType('BatchResult')
export class BatchResultType implements BatchResult {
  @Field(() => Int, { simple: true })
  created: number;

  @Field(() => Int, { simple: true })
  updated: number;

  @Field(() => Int, { simple: true })
  unchanged: number;

  @Field(() => Int, { simple: true })
  rejected: number;

  @Field(() => [ItemResultType], { simple: true, description: 'In the order of the batch.' })
  items: ItemResult[];
}

@ObjectType('DeletionResult')
export class DeletionResultType implements DeletionResult {
  @Field(() => Int, { simple: true })
  deleted: number;

  @Field(() => Int, { simple: true, description: 'Items for which there is no record.' })
  unknown: number;

  @Field(() => Int, { simple: true })
  rejected: number;

  @Field(() => [ItemResultType], { simple: true, description: 'In the order of the batch.' })
  items: ItemResult[];
}

@ObjectType('Erasure')
export class ErasureType implements Erasure {
  @Field(() => Int, { simple: true, description: 'Customers who were removed.' })
  erased: number;

  @Field(() => [String], { simple: true, description: 'External ids that no customer of the source has.' })
  unknown: string[];
}
