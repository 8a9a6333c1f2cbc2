/** A string union's values as the object that type-graphql's `registerEnumType` takes. */
export function enumOf<const Value extends string>(values: readonly Value[]): { readonly [Name in Value]: Name } {
  return Object.fromEntries(values.map((value) => [value, value])) as { readonly [Name in Value]: Name };
}
