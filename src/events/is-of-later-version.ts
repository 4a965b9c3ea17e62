/** Whether a type is one of these in a version that none of them has: only a later llmr knows what it says. */
export function isOfLaterVersion(type: string, known: readonly string[]): boolean {
  const { family, version } = takenApart(type)
  const versions = known.map(takenApart).filter((one) => one.family === family)
  return versions.length > 0 && versions.every((one) => version > one.version)
}

function takenApart(type: string): { readonly family: string; readonly version: number } {
  const [, family = type, version = '0'] = /^(.*)\.v(\d{1,6})$/.exec(type) ?? []
  return { family, version: Number(version) }
}
