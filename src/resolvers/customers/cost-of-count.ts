/**
 * Cost of counting the customers who fit a filter, which may take Postgres seconds with a million customers. The default of
 * CLVGRAPH_MAX_QUERY_COST allows a page of 50 segments with their counts, and hardly a longer one.
 */
export const costOfCount = 1_900;
