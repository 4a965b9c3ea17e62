export type SplitWords =
  | { readonly words: readonly string[]; readonly problem?: undefined }
  | { readonly problem: string }

/**
 * A text as words, quoted as in a POSIX shell: single quotes keep everything, double quotes and a backslash keep the
 * next special character, a backslash before a line break joins lines, `#` at the start of a word begins a comment.
 *
 * Only words: nothing here is ever read by a shell, so what only a shell could do is refused by name instead of being
 * passed to the program as an odd argument.
 */
export function splitWords(text: string): SplitWords {
  const words: string[] = []
  let word: string | undefined
  let index = 0
  while (index < text.length) {
    const char = text.charAt(index)
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
      index += 1
    } else if (char === '#' && word === undefined) {
      const end = text.indexOf('\n', index)
      index = end === -1 ? text.length : end
    } else if (char === "'") {
      const end = text.indexOf("'", index + 1)
      if (end === -1) return { problem: "expected a closing ' (single quote)" }
      word = (word ?? '') + text.slice(index + 1, end)
      index = end + 1
    } else if (char === '"') {
      const quoted = readDoubleQuoted(text, index + 1)
      if (quoted === undefined) return { problem: 'expected a closing " (double quote)' }
      word = (word ?? '') + quoted.content
      index = quoted.end
    } else if (char === '\\') {
      const next = text.slice(index + 1).match(/^(?:\r?\n|[\s\S])/)?.[0] ?? ''
      if (!next.endsWith('\n')) word = (word ?? '') + next
      index += 1 + next.length
    } else {
      const refused = refusal(text, index, word === undefined)
      if (refused !== undefined) return { problem: refused }
      word = (word ?? '') + char
      index += 1
    }
  }
  if (word !== undefined) words.push(word)
  return words.length === 0 ? { problem: 'expected a program, got no word at all' } : { words }
}

function readDoubleQuoted(text: string, start: number): { readonly content: string; readonly end: number } | undefined {
  let content = ''
  for (let index = start; index < text.length; index += 1) {
    const char = text.charAt(index)
    if (char === '"') return { content, end: index + 1 }
    const next = text.charAt(index + 1)
    const isEscape = char === '\\' && ['"', '\\', '$', '`', '\n'].includes(next)
    if (isEscape) index += 1
    content += isEscape ? (next === '\n' ? '' : next) : char
  }
  return undefined
}

const operators = ['|', ';', '&', '>', '<', '`']

/** `${…}` may stand for a port, which is put in later; `$(…)` and `$NAME` would need a shell. */
function refusal(text: string, index: number, isFirst: boolean): string | undefined {
  const char = text.charAt(index)
  if (operators.includes(char)) {
    return `"${char}" would need a shell, which is not used here; put it in quotes if it is part of a word, or start a script of your own`
  }
  if (char === '$' && /^\$[A-Za-z_(]/.test(text.slice(index))) {
    return '"$" would need a shell, which is not used here; write ${env.NAME} for a variable, or put it in single quotes'
  }
  if (char === '~' && isFirst) return '"~" would need a shell, which is not used here; write ${env.HOME}'
  return undefined
}
