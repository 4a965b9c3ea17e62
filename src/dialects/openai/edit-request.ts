/** What an operator changes in every request to a model. */
export interface RequestEdits {
  /** Hold when the client sends none. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** Hold whatever the client sends. */
  readonly set: Readonly<Record<string, unknown>>
  /** Taken out. */
  readonly strip: readonly string[]
  /** By the name the client asked for: hold whatever it sends, and above the others. */
  readonly setByName: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const noEdits: RequestEdits = { defaults: {}, set: {}, strip: [], setByName: {} }

/** What no edit may touch: the request would be another one. */
const untouchable = ['messages', 'model', 'stream', 'prompt', 'input']

/** @returns undefined when nothing changes, and the body can go as it came */
export function editRequest(
  json: Readonly<Record<string, unknown>>,
  { defaults, set, strip, setByName }: RequestEdits,
  askedName?: string,
): Record<string, unknown> | undefined {
  const added = Object.entries(defaults).filter(([name]) => !(name in json))
  const byName = askedName !== undefined && Object.hasOwn(setByName, askedName) ? setByName[askedName] : undefined
  const forced = Object.entries({ ...set, ...byName })
  const stripped = strip.filter((name) => name in json && !untouchable.includes(name))
  if (added.length === 0 && forced.length === 0 && stripped.length === 0) return undefined
  const edited: Record<string, unknown> = { ...json }
  for (const name of stripped) delete edited[name]
  for (const [name, value] of [...added, ...forced]) if (!untouchable.includes(name)) edited[name] = value
  return edited
}
