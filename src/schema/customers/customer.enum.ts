import { registerEnumType } from 'type-graphql';
import { customerOrderFields, sortDirections } from '../../services/customers/lists/customer-list-order.js';
import { enumOf } from '../enum-of.js';

export const CustomerOrderFieldEnum = enumOf(customerOrderFields);
export const SortDirectionEnum = enumOf(sortDirections);

registerEnumType(CustomerOrderFieldEnum, {
  name: 'CustomerOrderField',
  description: 'What customers are listed by. Those without a value come last in either direction.',
  valuesConfig: {
    CLV: { description: "Predicted value, of the active model's last scoring of all customers." },
    PERCENTILE: { description: 'Rank among all customers: the same order as CLV.' },
    RECENCY: { description: 'Days since the last purchase.' },
    ORDERS: { description: 'Number of orders.' },
    SPEND: { description: 'Net spend.' },
    CHANGED: {
      description: 'When value or tier last changed in lists (`Customer.clvChange`): ASC to read every change once.',
    },
    CREATED: { description: 'When the customer was first heard of.' },
  },
});

registerEnumType(SortDirectionEnum, { name: 'SortDirection' });
