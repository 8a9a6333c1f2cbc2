/**
 * What it costs to count who fits a filter, which may take Postgres seconds with a million customers. A page of 50 segments
 * with their counts may be had by the default of CLVGRAPH_MAX_QUERY_COST, and hardly a longer one.
 */
export const costOfCount = 1_900;
