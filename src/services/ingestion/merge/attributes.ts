/**
 * SQL of the attributes that are there with those added that row `g` gives. A null among the given ones removes that one;
 * nulls within values are the shop's own and stay. Few records have any, so only these pay for a look at each key.
 */
export function mergedAttributes(old: string): string {
  return `case when g.attributes @? 'strict $.* ? (@ == null)'
          then (coalesce(${old}, '{}') || g.attributes)
               - array(select key from jsonb_each(g.attributes) where value = 'null')
          else coalesce(${old}, '{}') || coalesce(g.attributes, '{}') end`;
}
