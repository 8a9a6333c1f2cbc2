import type { GraphQLResolveInfo } from 'graphql';
import { type AnswerBudget, answerTooLarge, lengthAsJson } from '../services/largest-answer.js';
import type { CustomerPage } from '../services/customers/customer-list.service.js';
import { askedFor } from './asked-for.js';
import type { RequestContext } from './context.js';

/**
 * A page of customers, whose attributes are charged to the request's budget.
 * @throws ClvError QUERY_TOO_COMPLEX where the budget does not suffice
 */
export function pageWithinBudget(
  budget: AnswerBudget,
  asked: ReadonlySet<string> | undefined,
  read: () => Promise<CustomerPage>,
): Promise<CustomerPage> {
  const attributes = ({ edges }: CustomerPage) => edges.map(({ node }) => node.attributes);
  return asked?.has('attributes') ? readWithinBudget(budget, attributes, read) : read();
}

/**
 * Reads a page and charges it to the request's budget. A query may ask for hundreds of pages: once the budget is spent, no more are read.
 * @param longOf the large values of a page
 * @throws ClvError QUERY_TOO_COMPLEX where the budget does not suffice
 */
export function readWithinBudget<Page>(
  budget: AnswerBudget,
  longOf: (page: Page) => unknown,
  read: () => Promise<Page>,
): Promise<Page> {
  return budget.inTurn(async () => {
    if (budget.characters < 0) throw answerTooLarge();
    const page = await read();
    budget.characters -= lengthAsJson(longOf(page));
    if (budget.characters < 0) throw answerTooLarge();
    return page;
  });
}

/** The page of a connection of customers, read with what the query asks for of each of them, as `pageWithinBudget` does. */
export function connectionWithinBudget(
  info: GraphQLResolveInfo,
  { budget }: RequestContext,
  read: (asked: ReadonlySet<string>) => Promise<CustomerPage>,
): Promise<CustomerPage> {
  const asked = askedFor(info, 'edges', 'node');
  return pageWithinBudget(budget, asked, () => read(asked));
}
