import type { CallRow, ReplyFormat } from '../formats/reply-format.ts'
import { fences } from '../grammars/wrapped-json.ts'
import { markersOf, type MarkerSet } from './marker-set.ts'

/** What to look for in each state of a reply of one format. */
export interface FormatMarkers {
  readonly text: MarkerSet
  readonly reasoning: MarkerSet
  readonly undecided: MarkerSet
  readonly silent: ReadonlySet<string>
  /** Opening marker of a section → its closing one. */
  readonly sections: ReadonlyMap<string, string>
  /** Markers that only mean something once there are calls. */
  readonly closings: ReadonlySet<string>
  readonly rows: ReadonlyMap<string, readonly CallRow[]>
  readonly callOpenings: readonly string[]
  /** Rows whose calls are believed only of tools that were offered. */
  readonly guesses: ReadonlySet<CallRow>
}

/** Made once for a format: formats are constants. */
export function markersOfFormat(format: ReplyFormat, isKept: boolean, isJsonReply: boolean): FormatMarkers {
  const variants = known.get(format) ?? new Map<string, FormatMarkers>()
  known.set(format, variants)
  const variant = `${isKept}/${isJsonReply}`
  const made = variants.get(variant) ?? makeMarkers(format, isKept, isJsonReply)
  variants.set(variant, made)
  return made
}

const known = new WeakMap<ReplyFormat, Map<string, FormatMarkers>>()

function makeMarkers(format: ReplyFormat, isKept: boolean, isJsonReply: boolean): FormatMarkers {
  const { reasoning, readsAlso = [], sections = [], silent = [] } = format
  const calls = [...format.calls, ...readsAlso]
  const rows = new Map<string, CallRow[]>()
  for (const row of calls) for (const open of row.open) rows.set(open, [...(rows.get(open) ?? []), row])
  const callOpenings = [...rows.keys()]
  const bounds = [...callOpenings, ...sections.map(({ open }) => open)]
  const closings = [
    ...sections.map(({ close }) => close),
    ...calls.flatMap((row) => ('close' in row ? [row.close].flat() : [])),
  ]
  const open = reasoning?.open ?? []
  const close = [...(reasoning?.close ?? []), ...(reasoning?.closeBefore ?? [])]
  const shown = isKept ? [] : [...bounds, ...closings]
  return {
    text: markersOf([...open, ...silent, ...shown, ...(isJsonReply ? fences : [])]),
    reasoning: markersOf([...close, ...(reasoning?.endsAtCall === true ? bounds : [])]),
    undecided: markersOf([...open, ...close, ...bounds]),
    silent: new Set(silent),
    sections: new Map(sections.map((section) => [section.open, section.close])),
    closings: new Set(closings),
    rows,
    callOpenings,
    guesses: new Set(readsAlso),
  }
}
