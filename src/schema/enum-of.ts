type Named<Value extends string> = { readonly [Each in Value as Uppercase<Each>]: Each };

/** A string union's values as the object that type-graphql's `registerEnumType` takes; names are in capitals. */
export function enumOf<const Value extends string>(values: readonly Value[]): Named<Value> {
  return Object.fromEntries(values.map((value) => [value.toUpperCase(), value])) as Named<Value>;
}
