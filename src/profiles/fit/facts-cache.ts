import { stat } from 'node:fs/promises'

import { weightParts } from '../launch-profile.ts'
import type { ModelFacts } from './model-facts.ts'
import { readGguf } from './read-gguf.ts'

/** More models than anybody keeps on one machine. */
const filesMax = 500

/** Reads the headers of weights once, and again when a file has changed: a configuration is read anew at every change of it. */
export class FactsCache {
  readonly #read: (file: string) => Promise<ModelFacts>
  readonly #known = new Map<string, { readonly print: string; readonly facts: Promise<ModelFacts> }>()

  constructor(read: (file: string) => Promise<ModelFacts> = readGguf) {
    this.#read = read
  }

  /** @throws LlmrError as `readGguf` */
  async facts(file: string): Promise<ModelFacts> {
    const print = await fingerprint(file)
    const known = this.#known.get(file)
    if (known?.print === print) return known.facts
    const facts = this.#read(file)
    this.#known.delete(file)
    this.#known.set(file, { print, facts })
    const [oldest] = this.#known.keys()
    if (this.#known.size > filesMax && oldest !== undefined) this.#known.delete(oldest)
    return facts
  }
}

async function fingerprint(file: string): Promise<string> {
  const prints = await Promise.all(
    weightParts(file).map((part) =>
      stat(part).then(
        ({ size, mtimeMs }) => `${size}:${mtimeMs}`,
        () => 'missing',
      ),
    ),
  )
  return prints.join(' ')
}
