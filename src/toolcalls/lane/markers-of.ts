import type { CallRow, ReplyFormat } from '../formats/reply-format.ts'

/**
 * Every marker of a format. Where one is a token of its own, an engine leaves it out of its text unless it is told to
 * keep it, and the call could not be read.
 */
export function markersOf({
  calls,
  readsAlso = [],
  sections = [],
  silent = [],
  reasoning,
  channels,
}: ReplyFormat): readonly string[] {
  const markers = [
    ...[...calls, ...readsAlso].flatMap(markersOfRow),
    ...sections.flatMap(({ open, close }) => [open, close]),
    ...silent,
    ...(reasoning === undefined ? [] : [...reasoning.open, ...reasoning.close, ...(reasoning.closeBefore ?? [])]),
    ...(channels === undefined
      ? []
      : [...channels.open, ...channels.headerEnd, ...channels.bodyEnd, ...(channels.silent ?? [])]),
  ]
  return [...new Set(markers)].filter((marker) => /\S/.test(marker))
}

function markersOfRow(row: CallRow): readonly string[] {
  switch (row.grammar) {
    case 'named-json':
      return [...row.open, ...row.nameEnd, ...row.close, ...(row.idMarker === undefined ? [] : [row.idMarker])]
    case 'tagged': {
      const { open, headerEnd, close, valueOpen } = row.parameter
      const parameter = [...open, ...headerEnd, ...close, ...(valueOpen === undefined ? [] : [valueOpen])]
      return [...row.open, ...row.headerEnd, ...row.close, ...parameter]
    }
    case 'nested-tags':
      return [...row.open, row.announce, row.close]
    case 'wrapped-json':
      return [...row.open, ...row.close]
    case 'expression':
      return [...row.open, ...row.close, ...(row.rawQuote === undefined ? [] : [row.rawQuote])]
    case 'bare-json':
    case 'bare-expression':
      return []
  }
}
