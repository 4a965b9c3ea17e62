/** PostgreSQL's text holds every character but this one, and no half of a pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

export function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text)
}
