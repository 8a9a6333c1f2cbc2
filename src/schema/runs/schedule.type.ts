import { Field, ObjectType } from 'type-graphql';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';

@ObjectType('RetrainSchedule', { description: 'When the model is retrained automatically.' })
export class RetrainScheduleType {
  @Field({ simple: true, description: 'Minute, hour, day of month, month, day of week.' })
  cron: string;

  @Field({ simple: true, description: 'IANA name of the time zone that the expression is read in.' })
  timezone: string;

  @Field(() => JsonObjectScalar, {
    simple: true,
    description: 'Input of the RETRAIN runs that it starts, `onlyIf` included.',
  })
  input: Record<string, unknown>;

  @Field(() => Date, { simple: true, nullable: true })
  nextRunAt: Date | null;
}
