import { registerEnumType } from 'type-graphql';
import { apiRoles } from '../../entities/index.js';
import { enumOf } from '../enum-of.js';

export const ApiRoleEnum = enumOf(apiRoles);

registerEnumType(ApiRoleEnum, {
  name: 'ApiRole',
  description: 'What a caller may do: ADMIN whatever MARKETER may, and MARKETER whatever VIEWER may.',
  valuesConfig: {
    VIEWER: {
      description: 'Read customers, their orders and predictions, segments, campaigns and models; plan campaigns.',
    },
    MARKETER: {
      description:
        'Whatever VIEWER may; read personal data and what customers wrote; change segments; start and delete campaigns; send ' +
        'customers, products, orders and events; delete orders and events.',
    },
    ADMIN: {
      description:
        'Whatever MARKETER may; start and schedule runs, promote and delete models, erase customers, manage API keys and ' +
        'read the audit log.',
    },
  },
});
