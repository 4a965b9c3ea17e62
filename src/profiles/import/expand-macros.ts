import { textOf } from './foreign-values.ts'

/** What llama-swap itself puts in, and llmr calls the same. */
const reserved = ['PORT', 'PID', 'MODEL_ID']

const roundsMax = 16
const lengthMax = 64 * 1024

/**
 * llama-swap's macros may stand for several words, and llmr's for one, so they are written out. Its own names and
 * variables stay; so does a name that nobody has given a value.
 */
export function expandMacros(text: string, macros: Readonly<Record<string, unknown>>): string {
  let expanded = text
  for (let round = 0; round < roundsMax; round += 1) {
    let length = expanded.length
    const next = expanded.replaceAll(/\$\{([A-Za-z0-9_-]+)\}/g, (token, name: string) => {
      const value = macros[name]
      if (reserved.includes(name) || value === undefined) return token
      const content = typeof value === 'boolean' ? String(value) : (textOf(value) ?? '')
      length += content.length
      return length > lengthMax ? '' : content
    })
    if (next === expanded || length > lengthMax) return expanded
    expanded = next
  }
  return expanded
}
