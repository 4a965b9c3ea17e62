import { hash } from 'node:crypto'

/** A tool as the client knows it. */
export interface ClientTool {
  readonly kind: 'function' | 'custom'
  readonly name: string
  readonly namespace?: string
}

/** What engines take for the name of a function. */
const nameMaxLength = 64

/**
 * The names under which engines know a client's tools. They know functions only, by one name each: a tool of a namespace
 * has both in one.
 */
export class ToolNames {
  readonly #tools = new Map<string, ClientTool>()

  /** The name under which the engine is told of a tool; undefined when another tool has it already. */
  add(tool: ClientTool): string | undefined {
    const flat = flatName(tool)
    if (this.#tools.has(flat)) return undefined
    this.#tools.set(flat, tool)
    return flat
  }

  /** What the client calls the tool that a model named. Models leave out the namespace where one of its tools was meant. */
  original(flat: string): ClientTool {
    const known = this.#tools.get(flat)
    if (known !== undefined) return known
    const meant = Array.from(this.#tools.values()).filter(({ name, namespace }) => namespace && name === flat)
    return (meant.length === 1 ? meant[0] : undefined) ?? { kind: 'function', name: flat }
  }
}

/** The same for the same tool, whatever other tools there are: a conversation repeats it turn by turn. */
export function flatName({ name, namespace }: Pick<ClientTool, 'name' | 'namespace'>): string {
  if (!namespace) return name
  const joined = namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`
  if (joined.length <= nameMaxLength) return joined
  const mark = hash('sha256', joined).slice(0, 8)
  return `${joined.slice(0, nameMaxLength - mark.length - 1)}_${mark}`
}
