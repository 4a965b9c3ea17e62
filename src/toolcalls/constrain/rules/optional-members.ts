import type { GrammarRules } from './grammar-rules.ts'

interface Rest {
  readonly name: string
  readonly comma: string
  /** Any number of these behind all others. */
  readonly others?: string | undefined
}

/** Each of them or not, in their order: `alone` where nothing stands before, `after` with a comma before each. */
export function optionalMembers(
  rules: GrammarRules,
  members: readonly string[],
  { name, comma, others }: Rest,
): { readonly alone: string; readonly after: string } {
  let after = others === undefined ? '' : `( ${comma} ${others} )*`
  const starts: string[] = others === undefined ? [] : [`${others} ${after}`]
  for (const each of members.toReversed()) {
    starts.unshift(`${each} ${after}`.trim())
    after = `( ${comma} ${each} )? ${after}`.trim()
    // Said once for each that may stand before it.
    if (after.length > inlineMax) after = rules.add(`${name}-rest`, after)
  }
  return { after, alone: starts.length === 0 ? '' : `( ${starts.join(' | ')} )?` }
}

const inlineMax = 200
