import { registerEnumType } from 'type-graphql';
import { behaviorEventTypes } from '../../entities/index.js';
import { enumOf } from '../enum-of.js';

export const BehaviorEventTypeEnum = enumOf(behaviorEventTypes);

registerEnumType(BehaviorEventTypeEnum, {
  name: 'BehaviorEventType',
  valuesConfig: {
    BROWSE: { description: 'Looked at a page, e.g. of a product or a category.' },
    SEARCH: { description: 'Searched the shop; `text` is what for.' },
    CLICK: { description: 'Clicked something, e.g. a product in a list.' },
    CART: { description: 'Put something into the cart.' },
    EMAIL_OPEN: { description: 'Opened an e-mail of the shop.' },
    SUPPORT_TICKET: { description: 'Contacted support; `text` is what was written.' },
    REVIEW: {
      description: 'Reviewed a product; `text` is what was written, the attribute `stars` how many were given.',
    },
  },
});
