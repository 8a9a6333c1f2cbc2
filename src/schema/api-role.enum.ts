import { registerEnumType } from 'type-graphql';
import { apiRoles } from '../entities/index.js';
import { enumOf } from './enum-of.js';

export const ApiRoleEnum = enumOf(apiRoles);

registerEnumType(ApiRoleEnum, {
  name: 'ApiRole',
  description: 'What a caller may do. Each role may do what the ones before it may.',
  valuesConfig: {
    VIEWER: { description: 'Read customers, predictions, segments and models.' },
    MARKETER: { description: 'Also change segments and send customers, products, orders and events.' },
    ADMIN: { description: 'Also run jobs, promote models and manage API keys.' },
  },
});
