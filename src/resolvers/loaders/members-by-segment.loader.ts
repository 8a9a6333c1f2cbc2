import DataLoader from 'dataloader';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { CustomerListRequest, CustomerPage } from '../../services/customers/customer-list.service.js';
import type { Services } from '../services.js';

export type MembersRequest = Omit<CustomerListRequest, 'filter'> & { readonly filter: CustomerFilter };

/** The same page of a segment is read once, however many customers of a list are in it. */
export const createMembersBySegmentLoader = ({ segments }: Services) =>
  new DataLoader<MembersRequest, CustomerPage, string>(
    (requests) =>
      Promise.all(
        requests.map(({ filter, ...request }) => segments.members(filter, request).catch((error: Error) => error)),
      ),
    { cacheKeyFn: ({ asked, ...request }) => JSON.stringify([request, [...(asked ?? [])]]) },
  );
