/** Text in which the entities of XML are the characters that they stand for. */
export function withoutEntities(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos|#39);/g, (_, entity: string) => entities[entity] ?? '')
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" }
