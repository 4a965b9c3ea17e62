import type { ReplyFormat } from '../../../src/toolcalls/formats/reply-format.ts'
import type { DerivedFormat } from '../../../src/toolcalls/templates/derive-format.ts'

/** A chat template as another project's parser generator understands it. */
export interface ProfileRow {
  readonly template: string
  readonly tools_in_prompt: boolean
  readonly think_start: string
  readonly think_ends: readonly string[]
  readonly tool_triggers: readonly string[]
  readonly generation_prompt: string
}

/** In what a derived format differs from the row; nothing when they agree. */
export function differencesOf(row: ProfileRow, { format, takesTools, isKnown }: DerivedFormat): string[] {
  const markers = callMarkersOf(format)
  const isPattern = row.tool_triggers.some((trigger) => trigger.includes('\\') || trigger.includes('?!'))
  const triggers = row.tool_triggers.map((trigger) => trigger.replace('get_weather>', '').trim())
  const opens = format.reasoning?.open ?? []
  const ends = row.think_ends.filter((end) => !markers.includes(end))
  const checks: readonly (readonly [string, boolean])[] = [
    ['tools', takesTools === row.tools_in_prompt],
    ['trigger', isPattern ? patternFormats.has(format.id) : triggers.every((trigger) => markers.includes(trigger))],
    ['no trigger', triggers.length > 0 || !isKnown || format.calls.some((call) => 'at' in call)],
    ['thought', row.think_start === '' ? opens.length === 0 : opens.some((open) => row.think_start.startsWith(open))],
    ['end of thought', ends.every((end) => format.reasoning?.close.includes(end) === true)],
    ['call ends thought', ends.length === row.think_ends.length || format.reasoning?.endsAtCall === true],
  ]
  return checks.filter(([, isEqual]) => !isEqual).map(([name]) => name)
}

/** Formats whose trigger is a pattern in the row. */
const patternFormats: ReadonlySet<string> = new Set(['harmony', 'glimmer', 'functionary_v32'])

function callMarkersOf(format: ReplyFormat): string[] {
  const opens = format.calls.flatMap((call) => ('at' in call ? [] : call.open))
  return [...opens, ...(format.sections ?? []).map(({ open }) => open)].map((marker) => marker.trim())
}
