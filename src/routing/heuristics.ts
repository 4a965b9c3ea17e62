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
    words: Object.entries(weights)
      .map(([word, weight]) => ({ word: fold(word), weight }))
      .filter(({ word }) => word !== '')
      .sort((one, other) => other.weight - one.weight),
  }))

  return (lastUserText) => {
    const text = fold(lastUserText.slice(0, textLengthMax))
    let best: TopicMatch | undefined
    for (const { topic, words } of topics) {
      const found = words.filter(({ word }) => holdsWord(text, word))
      const score = round(found.reduce((sum, { weight }) => sum + weight, 0))
      // The earlier topic wins a tie: the order is the operator's.
      if (score >= threshold && score > (best?.score ?? 0))
        best = { topic, score, matched: found.map(({ word }) => word) }
    }
    return best
  }
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
const wordCharacter =
  /[[\p{L}\p{M}\p{N}_]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]]/v

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const end = at + word.length
    if (
      !joins(characterBefore(text, at), characterAt(text, at)) &&
      !joins(characterBefore(text, end), characterAt(text, end))
    )
      return true
  }
  return false
}

/** Two neighbours inside one word, where no keyword may begin or end. */
function joins(left: string, right: string): boolean {
  return wordCharacter.test(left) && wordCharacter.test(right)
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function characterBefore(text: string, at: number): string {
  const isPair = at > 1 && isLowSurrogate(text.charCodeAt(at - 1))
  return at === 0 ? '' : characterAt(text, isPair ? at - 2 : at - 1)
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00
}
