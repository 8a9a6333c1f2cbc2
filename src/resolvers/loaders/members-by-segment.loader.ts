import DataLoader from 'dataloader';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { CustomerListRequest, CustomerPage } from '../../services/customers/customer-list.service.js';
import type { AnswerBudget } from '../../services/largest-answer.js';
import { pageWithinBudget } from '../page-within-budget.js';
import type { Services } from '../../services/create-services.js';

type MembersRequest = Omit<CustomerListRequest, 'filter'> & { readonly filter: CustomerFilter };

/** Members of segments. The same page of a segment is read once, however many customers of a list are in the segment. */
export const createMembersBySegmentLoader = ({ segments }: Services, budget: AnswerBudget) => {
  const pageOf = ({ filter, ...request }: MembersRequest): Promise<CustomerPage> =>
    pageWithinBudget(budget, request.asked, () => segments.members(filter, request));
  return new DataLoader<MembersRequest, CustomerPage, string>(
    (requests) => Promise.all(requests.map((request) => pageOf(request).catch((error: Error) => error))),
    { cacheKeyFn: ({ asked, ...request }) => JSON.stringify([request, [...(asked ?? [])]]) },
  );
};
