import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { CustomerListRequest, CustomerPage } from '../../services/customers/customer-list.service.js';
import { type AnswerBudget, answerTooLarge, lengthAsJson } from '../../services/largest-answer.js';
import type { Services } from '../services.js';

export type MembersRequest = Omit<CustomerListRequest, 'filter'> & { readonly filter: CustomerFilter };

/** The same page of a segment is read once, however many customers of a list are in it. */
export const createMembersBySegmentLoader = ({ segments }: Services, budget: AnswerBudget) => {
  // A query may ask for hundreds of pages: those that come when the budget is spent are not read.
  const withAttributes = pLimit(4);
  const read = ({ filter, ...request }: MembersRequest): Promise<CustomerPage> => segments.members(filter, request);
  const readWithAttributes = async (request: MembersRequest): Promise<CustomerPage> => {
    if (budget.characters < 0) throw answerTooLarge();
    const page = await read(request);
    budget.characters -= lengthAsJson(page.edges.map(({ node }) => node.attributes));
    if (budget.characters < 0) throw answerTooLarge();
    return page;
  };
  const pageOf = (request: MembersRequest) =>
    request.asked?.has('attributes') ? withAttributes(() => readWithAttributes(request)) : read(request);
  return new DataLoader<MembersRequest, CustomerPage, string>(
    (requests) => Promise.all(requests.map((request) => pageOf(request).catch((error: Error) => error))),
    { cacheKeyFn: ({ asked, ...request }) => JSON.stringify([request, [...(asked ?? [])]]) },
  );
};
