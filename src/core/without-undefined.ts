/** The fields that have a value: for what is merged or asked with `in`, where a field that nobody set must not be there. */
export function withoutUndefined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}
