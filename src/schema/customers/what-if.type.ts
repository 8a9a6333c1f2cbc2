import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { silenceDays, type WhatIfChange, whatIfChanges } from '../../services/explanations/what-ifs.js';
import { enumOf } from '../enum-of.js';

const WhatIfChangeEnum = enumOf(whatIfChanges);

registerEnumType(WhatIfChangeEnum, {
  name: 'WhatIfChange',
  description: 'A standard change of what is known of a customer.',
  valuesConfig: {
    ONE_MORE_ORDER: { description: 'What was bought last is bought once more this month, at the usual value.' },
    ONE_LARGE_ORDER: { description: 'What was bought last is bought once more this month, at twice the usual value.' },
    LONGER_SILENCE: { description: `Everything the customer did lies ${silenceDays} days further back.` },
    RETURN_OF_LAST_ORDER: {
      description:
        'All of the last order is returned, the day before the as-of date; not where anything came back since that order.',
    },
  },
});

@ObjectType('WhatIf', {
  description:
    'What the model would say if something were different. It is asked anew: the answer is what would be served if the ' +
    'change were recorded.',
})
export class WhatIfType {
  @Field(() => WhatIfChangeEnum, { simple: true })
  change: WhatIfChange;

  @Field(() => Float, { simple: true, description: 'Expected net spend in the horizon.' })
  predicted: number;

  @Field(() => Float, { simple: true, description: 'By how much `predicted` exceeds the present prediction.' })
  difference: number;
}
