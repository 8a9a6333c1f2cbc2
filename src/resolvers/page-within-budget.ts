import type { GraphQLResolveInfo } from 'graphql';
import { type AnswerBudget, answerTooLarge, lengthAsJson } from '../services/largest-answer.js';
import type { CustomerPage } from '../services/customers/customer-list.service.js';
import { askedFor } from './asked-for.js';
import type { RequestContext } from './context.js';

/**
 * A page of customers, with attributes as far as the request's budget has them.
 * @throws ClvError QUERY_TOO_COMPLEX for more attributes than it has
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
 * A query may ask for hundreds of pages: those that come when the request's budget is spent are not read.
 * @param longOf what is long in a page
 * @throws ClvError QUERY_TOO_COMPLEX for more of it than the budget has
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
