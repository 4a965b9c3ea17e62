import { probeCall } from '../../core/tool-facts.ts'
import type { CallRow, ReplyFormat } from '../formats/reply-format.ts'
import { replyFormats } from '../formats/reply-formats.ts'
import { draftsOfJson } from '../grammars/drafts-of-json.ts'
import { BracketScan } from '../parse/bracket-scan.ts'
import { createReplyParser } from '../parse/reply-parser.ts'
import { parseJson } from '../values/coerce-text.ts'

export interface ProbeRenderings {
  /** A user's turn, then the model saying `probeText`. */
  readonly text: string
  /** The same user's turn, then the model making the probe call. */
  readonly call: string
}

/**
 * The format in which a template writes calls, read off two renderings of it: the one that differs is the call. A family's
 * format is taken if it reads the call back; otherwise a row is made from what stands around name, key and value, and taken if
 * that one does. `undefined` when none does: guessing would lose calls.
 */
export function formatOfRendering(
  renderings: ProbeRenderings,
  preferred?: ReplyFormat,
  known: readonly ReplyFormat[] = replyFormats,
): ReplyFormat | undefined {
  const { toEnd, written } = differenceOf(renderings)
  const candidates = [...(preferred === undefined ? [] : [preferred]), ...known.filter(hasMarkers)]
  const isRead = (format: ReplyFormat): boolean => readsBack(format, toEnd) || readsBack(format, written)
  return candidates.find(isRead) ?? derivedFormat(written)
}

function hasMarkers({ calls }: ReplyFormat): boolean {
  return calls.length > 0 && calls.every((row) => !('at' in row))
}

/** What the call's rendering has that the text's has not: to its end, and without the end that both have. */
function differenceOf({ text, call }: ProbeRenderings): { readonly toEnd: string; readonly written: string } {
  let start = 0
  while (start < text.length && text[start] === call[start]) start++
  start = outsideTag(call, start, call.lastIndexOf('<', start - 1))
  let common = 0
  const most = Math.min(text.length, call.length) - start
  while (common < most && text.at(-1 - common) === call.at(-1 - common)) common++
  const end = call.length - common
  return { toEnd: call.slice(start), written: call.slice(start, outsideTag(call, end, call.indexOf('>', end) + 1)) }
}

/** The place, or the end of the tag that it is in. */
function outsideTag(text: string, at: number, otherwise: number): number {
  return text.lastIndexOf('<', at - 1) > text.lastIndexOf('>', at - 1) ? otherwise : at
}

function readsBack(format: ReplyFormat, written: string): boolean {
  const parameters = { type: 'object', properties: { [probeCall.key]: { type: 'string' } }, required: [probeCall.key] }
  const tools = [{ name: probeCall.name, parameters }]
  // What is read by mistake says nothing of how the model was taught.
  const strict = { ...format, readsAlso: [] }
  const parser = createReplyParser({ format: strict, tools, start: 'text', mintId: () => 'probe' })
  const events = [...parser.push(written), ...parser.end()]
  const rest = events.map((event) => (event.type === 'text' ? event.text : '')).join('')
  const [start, args, ...others] = events.filter(({ type }) => type !== 'reasoning' && type !== 'text')
  if (start?.type !== 'call-start' || args?.type !== 'call-arguments' || others.length > 0) return false
  if (!turnMarkers.test(rest)) return false
  const value = parseJson(args.text)
  return start.name === probeCall.name && JSON.stringify(value) === JSON.stringify({ [probeCall.key]: probeCall.value })
}

/** What else a template writes around a call: ends of turns, which are one token each. */
const turnMarkers = /^(?:\s*<[^<>\s]*>)*\s*$/

function derivedFormat(written: string): ReplyFormat | undefined {
  if (written.length > writtenMax) return undefined
  for (const derive of [wrappedRow, namedRow, taggedRow]) {
    const row = derive(written)
    if (row === undefined) continue
    const format: ReplyFormat = { id: 'derived', ...row }
    if (readsBack(format, written)) return format
  }
  return undefined
}

/** Characters that one call of one argument may take. */
const writtenMax = 4096

type DerivedRow = Pick<ReplyFormat, 'calls' | 'sections'>

/** JSON that holds name and arguments, between two markers. */
function wrappedRow(written: string): DerivedRow | undefined {
  const start = written.search(/[{[]\s*["{[]/)
  const json = start === -1 ? undefined : bracketed(written, start)
  if (json === undefined) return undefined
  const isNameTheKey = draftsOfJson(json) === undefined
  if (draftsOfJson(json, { isNameTheKey })?.[0]?.name !== probeCall.name) return undefined
  const close = written.slice(start + json.length).trim()
  const open = written.slice(0, start).trim()
  if (open === '') return undefined
  return {
    calls: [
      {
        grammar: 'wrapped-json',
        open: [open],
        close: close === '' ? [] : [close],
        ...(isNameTheKey && { isNameTheKey }),
      },
    ],
  }
}

/** The name, a separator, the arguments as JSON. */
function namedRow(written: string): DerivedRow | undefined {
  const nameAt = written.indexOf(probeCall.name)
  const afterName = nameAt + probeCall.name.length
  const start = written.indexOf('{', afterName)
  const json = nameAt === -1 || start === -1 ? undefined : bracketed(written, start)
  if (json === undefined || !json.includes(probeCall.key)) return undefined
  const { outer, inner } = markersBefore(written.slice(0, nameAt))
  const separator = written.slice(afterName, start).trim()
  const closing = markersAfter(written.slice(start + json.length))
  const row: CallRow = {
    grammar: 'named-json',
    open: [inner],
    nameEnd: separator === '' ? ['\n'] : [separator],
    close: closing.inner === '' ? [] : [closing.inner],
  }
  return inner === '' ? undefined : { calls: [row], ...sectionsOf(outer, closing.outer) }
}

/** Each argument between tags, the key in one of them. */
function taggedRow(written: string): DerivedRow | undefined {
  const pattern = new RegExp(
    String.raw`^([\s\S]*?)${probeCall.name}([^<\[\w]*)([\s\S]*?)${probeCall.key}([\s\S]*?)${probeCall.value}\s*(\S+?[>\]])([\s\S]*)$`,
  )
  const [, before = '', headerEnd = '', parameterOpen = '', between = '', parameterClose = '', after = ''] =
    pattern.exec(written) ?? []
  const { outer, inner } = markersBefore(before)
  const [keyEnd = '', valueOpen] = between.trim().split(/(?<=[>\]])\s*(?=[<[])/)
  const closing = markersAfter(after)
  if (inner === '' || parameterOpen.trim() === '' || keyEnd === '' || closing.inner === '') return undefined
  const isAttribute = inner.endsWith('"')
  const row: CallRow = {
    grammar: 'tagged',
    open: [isAttribute ? inner.replace(/[\w-]+="$/, '') : inner],
    header: isAttribute ? 'attributes' : headerEnd.trim() === '' ? 'line' : 'plain',
    headerEnd: [isAttribute ? '>' : headerEnd.trim() === '' ? '\n' : headerEnd.trim()],
    parameter: {
      open: [isAttribute ? parameterOpen.trim().replace(/[\w-]+="$/, '') : parameterOpen.trim()],
      header: isAttribute ? 'attributes' : 'plain',
      headerEnd: [isAttribute ? '>' : keyEnd],
      ...(valueOpen !== undefined && { valueOpen }),
      close: [parameterClose],
      trimsLineBreaks: true,
    },
    close: [closing.inner],
  }
  return { calls: [row], ...sectionsOf(outer, closing.outer) }
}

function bracketed(text: string, start: number): string | undefined {
  const stop = new BracketScan().run(text, start)
  return stop.isClosed ? text.slice(start, stop.at) : undefined
}

interface Markers {
  readonly outer: string
  readonly inner: string
}

/** The marker right before the name opens the call; one before that opens a section of calls. */
function markersBefore(text: string): Markers {
  const markers = text.trim().split(/(?<=[>\]])\s*(?=[<[])/)
  return { inner: markers.at(-1) ?? '', outer: markers.slice(0, -1).join('') }
}

function markersAfter(text: string): Markers {
  const [inner = '', ...outer] = text.trim().split(/(?<=[>\]])\s*(?=[<[])/)
  return { inner, outer: outer.join('') }
}

function sectionsOf(open: string, close: string): Pick<ReplyFormat, 'sections'> {
  return open === '' || close === '' ? {} : { sections: [{ open, close }] }
}
