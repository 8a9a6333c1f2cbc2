import { registerEnumType } from 'type-graphql';
import { apiRoles } from '../entities/index.js';
import { enumOf } from './enum-of.js';

export const ApiRoleEnum = enumOf(apiRoles);

registerEnumType(ApiRoleEnum, {
  name: 'ApiRole',
  description: 'What a caller may do: ADMIN whatever MARKETER may, and MARKETER whatever VIEWER may.',
  valuesConfig: {
    VIEWER: { description: 'Read customers, predictions, segments and models.' },
    MARKETER: {
      description:
        'Read what VIEWER may, and personal data; change segments; send customers, products, orders and events.',
    },
    ADMIN: {
      description:
        'Whatever MARKETER may; run jobs, promote models, erase customers, manage API keys and read the audit log.',
    },
  },
});
