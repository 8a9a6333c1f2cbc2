import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql';
import { type AuditOutcome, auditOutcomes } from '../../services/audit.service.js';
import { PageArgs } from '../connection.js';
import { enumOf } from '../enum-of.js';

const AuditOutcomeEnum = enumOf(auditOutcomes);

registerEnumType(AuditOutcomeEnum, {
  name: 'AuditOutcome',
  valuesConfig: {
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'It was not done, for a reason that the caller was told: `errorCode`.' },
    FAILED: { description: "Something broke; the server's log says what." },
  },
});

@InputType({ description: 'Only entries that match everything that is given.' })
class AuditFilterInput {
  @Field(() => ID, { nullable: true, description: 'Of the API key that asked.' })
  apiKeyId?: string | null;

  @Field(() => String, { nullable: true, description: 'The operation, e.g. `promoteModel`.' })
  action?: string | null;

  @Field(() => AuditOutcomeEnum, {
    nullable: true,
    description: 'Entries of what is still running, or was broken off, have none.',
  })
  outcome?: AuditOutcome['outcome'] | null;

  @Field(() => Date, { nullable: true, description: 'Entries of this instant and later ones.' })
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Entries before this instant.' })
  before?: Date | null;
}

@ArgsType()
export class AuditLogArgs extends PageArgs {
  @Field(() => AuditFilterInput, { nullable: true })
  filter?: AuditFilterInput | null;
}
