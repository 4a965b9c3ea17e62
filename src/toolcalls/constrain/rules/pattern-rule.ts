import type { Alphabet } from './alphabet.ts'
import { type GrammarRules } from './grammar-rules.ts'
import { type PatternNode, readPattern } from './read-pattern.ts'

/**
 * A rule for texts in which this pattern of a schema is found, written in the alphabet. `undefined` for patterns that look
 * around, refer back or stand anchors within: no grammar can say those, and a wrong one would forbid what is right.
 */
export function patternRule(rules: GrammarRules, pattern: string, alphabet: Alphabet): string | undefined {
  const branches = readPattern(pattern)
  if (branches === undefined) return undefined
  const any = `${alphabet.any(rules)}*`
  const written: string[] = []
  for (const { node, isAtStart, isAtEnd } of branches) {
    const inner = write(node, alphabet)
    if (inner === undefined) return undefined
    written.push([isAtStart ? '' : any, inner, isAtEnd ? '' : any].join(' ').trim())
  }
  return `( ${written.join(' | ')} )`
}

function write(node: PatternNode, alphabet: Alphabet): string | undefined {
  switch (node.kind) {
    case 'class':
      return alphabet.oneOf(node.ranges)
    case 'repeat': {
      const inner = write(node.node, alphabet)
      return inner === undefined ? undefined : `${inner}{${node.least},${node.most ?? ''}}`
    }
    case 'all':
    case 'any': {
      const parts = node.nodes.map((part) => write(part, alphabet))
      const whole = parts.filter((part) => part !== undefined)
      if (whole.length < parts.length) return undefined
      if (whole.length === 0) return '""'
      return `( ${whole.join(node.kind === 'all' ? ' ' : ' | ')} )`
    }
  }
}
