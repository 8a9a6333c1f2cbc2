import type {
  CustomerListRequest,
  CustomerListService,
} from '../../../../src/services/customers/customer-list.service.js';

/** Ids of all who fit, page by page. */
export async function listed(
  lists: CustomerListService,
  request: Omit<CustomerListRequest, 'after'>,
): Promise<number[]> {
  const found: number[] = [];
  for (let after: string | null = null; ;) {
    const page = await lists.page({ ...request, after });
    found.push(...page.edges.map(({ node }) => Number(node.id)));
    if (!page.pageInfo.hasNextPage) return found;
    after = page.pageInfo.endCursor;
  }
}
