/** Places at which a model that was asked to go on may have begun to do so. */
export interface Beginnings {
  /** The first is 0: mostly it just begins. */
  readonly places: readonly number[]
  /** Behind a code fence that it opened although it stands open: what is before that is no part of the answer. */
  readonly fence: number | undefined
  /** More text may show another place. */
  readonly mayGrow: boolean
}

/** @param isFenced what was said ends within a code fence */
export function beginningsOf(text: string, isFenced: boolean): Beginnings {
  const first = leadAt(text, 0, isFenced)
  const remark = remarks.exec(text)?.[0].length
  const second = remark === undefined ? undefined : leadAt(text, remark, isFenced)
  const places = [0, first.end, remark, second?.end].filter((place) => place !== undefined)
  return {
    places: [...new Set(places)],
    fence: first.fence ?? second?.fence,
    mayGrow: first.mayGrow || (second?.mayGrow ?? openRemark.test(text)),
  }
}

/** `Here is the rest:`, on a line of its own. */
const remarks = /^\s*\p{L}[^\n]{0,160}:[ \t]*\n/u
const openRemark = /^\s*(?:\p{L}[^\n]{0,163})?$/u

/** Quotes, dots and a fence that a model puts before the words it was asked for. */
function leadAt(text: string, from: number, isFenced: boolean) {
  const rest = text.slice(from)
  const quotes = /^\s*(?:(?:\.{3}|…|["'“„«])\s*)*/.exec(rest)?.[0].length ?? 0
  const fence = isFenced ? /^\s*```([\w+#.-]*)[ \t]*\n/.exec(rest) : null
  const isFenceOpen = isFenced && /^\s*(?:`{1,3}[\w+#.-]{0,40}[ \t]{0,8})?$/.test(rest)
  const end = fence?.[0].length ?? (quotes > 0 ? quotes : undefined)
  return {
    end: end === undefined ? undefined : from + end,
    // A fence without a language may be the end of the one that stands open.
    fence: fence === null || fence[1] === '' ? undefined : from + fence[0].length,
    mayGrow: isFenceOpen || (fence === null && quotes === rest.length) || /^\s*\.{1,2}$/.test(rest),
  }
}
