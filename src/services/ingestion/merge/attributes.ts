/**
 * SQL of the attributes that are there with those given added. A null among the given ones removes that one; nulls within
 * values are the shop's own and stay. Few records have any, so only these pay for a look at each key.
 */
export function mergedAttributes(old: string, given: string): string {
  return `case when ${given} @? 'strict $.* ? (@ == null)'
          then (coalesce(${old}, '{}') || ${given}) - array(select key from jsonb_each(${given}) where value = 'null')
          else coalesce(${old}, '{}') || coalesce(${given}, '{}') end`;
}
