/** As the server may call it: no dots, spaces, wildcards or slashes. Two names never become one. */
export function durableName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/gu, (character) => `=${character.codePointAt(0)?.toString(16)}=`)
}

/** The name that became this one. */
export function consumerName(durable: string): string {
  return durable.replaceAll(/=([0-9a-f]+)=/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
}

/** Where events go that are for this consumer alone. */
export function consumerSubject(name: string): string {
  return `pipeline.redriven.${durableName(name)}`
}

/** What the server is to give a consumer. It refuses subjects of which one holds the other. */
export function filterSubjects(name: string, subjects: readonly string[]): readonly string[] {
  const distinct = [...new Set(subjects)]
  const needed = distinct.filter((subject) => !distinct.some((other) => other !== subject && holds(other, subject)))
  return [...needed, consumerSubject(name)]
}

function holds(wide: string, subject: string): boolean {
  return wide.endsWith('.>') && subject.startsWith(wide.slice(0, -1))
}
