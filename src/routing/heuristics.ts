import { codingKeywords } from './coding-keywords.ts'

export interface HeuristicsSettings {
  /** Sum of weights from which a topic counts. */
  readonly threshold: number
  /** Topic → keyword → weight. Absent: a list for `coding`. */
  readonly keywords?: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface TopicMatch {
  readonly topic: string
  readonly score: number
  /** The keywords found, heaviest first. */
  readonly matched: readonly string[]
}

/** What a message is about, or nothing when no topic reaches the threshold. Pure, and the same for the same text. */
export type Heuristics = (lastUserText: string) => TopicMatch | undefined

/** Whoever pastes a book has said what they want at its beginning. Bounds the work, too. */
const textLengthMax = 4_000

/**
 * Choice by words. Each keyword counts once however often it occurs, so that a long text is not about code because it
 * is long. Only ever given the last user message: the history would hold a chat to what it was about an hour ago.
 */
export function createHeuristics({ threshold, keywords }: HeuristicsSettings): Heuristics {
  const topics = Object.entries(keywords ?? { coding: codingKeywords }).map(([topic, weights]) => ({
    topic,
    findIn: keywordFinder(weights),
  }))

  return (lastUserText) => {
    const text = fold(lastUserText.slice(0, textLengthMax))
    const words = wordsOf(text)
    let best: TopicMatch | undefined
    for (const { topic, findIn } of topics) {
      const found = findIn(text, words)
      const score = round(found.reduce((sum, { weight }) => sum + weight, 0))
      // The earlier topic wins a tie: the order is the operator's.
      if (score < threshold || score <= (best?.score ?? 0)) continue
      best = { topic, score, matched: found.map(({ word }) => word) }
    }
    return best
  }
}

interface Keyword {
  readonly word: string
  readonly weight: number
}

/** Where each word of a text begins. */
type WordPlaces = ReadonlyMap<string, readonly number[]>

/** Looks keywords up by their first word, so that the cost is the text's and not the list's. */
function keywordFinder(weights: Readonly<Record<string, number>>): (text: string, words: WordPlaces) => Keyword[] {
  const keywords = Object.entries(weights)
    .map(([word, weight]) => ({ word: fold(word), weight }))
    .filter(({ word }) => word !== '')
    .sort((one, other) => other.weight - one.weight)
    .map((keyword) => ({ ...keyword, firstWord: firstWordOf(keyword.word) }))

  return (text, words) =>
    keywords.filter(({ word, firstWord }) => {
      if (firstWord === undefined) return holdsAnywhere(text, word)
      const places = words.get(firstWord)
      return places?.some((at) => text.startsWith(word, at) && isEdge(text, at + word.length))
    })
}

/** One spelling for what looks the same: case, composed and decomposed letters, typographic apostrophes. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('’', "'")
}

/** So that 0.7 + 0.3 reaches 1. */
function round(score: number): number {
  return Math.round(score * 1e6) / 1e6
}

// Letters, marks and digits of scripts that put spaces between words. In the others a word has no visible edge: there
// the neighbours say nothing, neither of the keyword nor beside a Latin one.
const wordCharacters =
  /[[\p{L}\p{M}\p{N}_]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]]+/gv

function wordsOf(text: string): WordPlaces {
  const words = new Map<string, number[]>()
  for (const { 0: word, index } of text.matchAll(wordCharacters)) {
    const places = words.get(word)
    if (places) places.push(index)
    else words.set(word, [index])
  }
  return words
}

/** Undefined for a keyword that begins with a sign, or in a script without spaces: such a one may begin anywhere. */
function firstWordOf(keyword: string): string | undefined {
  const { value } = keyword.matchAll(wordCharacters).next()
  return value?.index === 0 ? value[0] : undefined
}

function holdsAnywhere(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (isEdge(text, at + word.length)) return true
  }
  return false
}

/** Not in the middle of a word. */
function isEdge(text: string, at: number): boolean {
  const end = text.codePointAt(at)
  if (end === undefined) return true
  const before = text.slice(Math.max(0, at - 2), at)
  const pair = `${lastCharacter(before)}${String.fromCodePoint(end)}`
  const [run] = pair.match(wordCharacters) ?? []
  return run !== pair
}

function lastCharacter(text: string): string {
  return Array.from(text).at(-1) ?? ''
}
