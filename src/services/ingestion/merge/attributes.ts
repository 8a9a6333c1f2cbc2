/**
 * SQL that adds the attributes of row `g` to the stored ones. A null attribute removes the stored one; nulls within values are kept. Keys
 * are looked at one by one only in the few records with a null.
 */
export function mergedAttributes(old: string): string {
  return `case when g.attributes @? 'strict $.* ? (@ == null)'
          then (coalesce(${old}, '{}') || g.attributes)
               - array(select key from jsonb_each(g.attributes) where value = 'null')
          else coalesce(${old}, '{}') || coalesce(g.attributes, '{}') end`;
}
