import { LlmrError } from '../../core/error.ts'

/** The categories of a moderation reply; every one is present in each result. */
export const moderationCategories = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const

export type ModerationCategory = (typeof moderationCategories)[number]

export interface ModerationVerdict {
  readonly isFlagged: boolean
  /** Empty though flagged when the guard objects to something that OpenAI has no category for. */
  readonly categories: readonly ModerationCategory[]
}

/** Texts asked for in one request at most: each is a chat of its own to a guard model. */
const inputsMax = 64

/**
 * The texts to judge, one result each. Image parts are refused: a guard that reads only text would pass them unseen.
 *
 * @throws LlmrError `invalid_request`
 */
export function readModerationInput(json: Readonly<Record<string, unknown>>): readonly string[] {
  const { input } = json
  const parts: unknown[] = Array.isArray(input) ? input : [input]
  if (parts.length > inputsMax) throw invalid(`at most ${inputsMax} inputs; there are ${parts.length}`)
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part
    if (typeof part === 'object' && part !== null && Reflect.get(part, 'type') === 'text') {
      const text: unknown = Reflect.get(part, 'text')
      if (typeof text === 'string') return text
    }
    throw invalid('a string, an array of strings, or text parts; a guard model reads no images')
  })
  // Parts of type text are one message; plain strings are inputs of their own.
  const areParts = parts.length > 0 && typeof parts[0] === 'object'
  return areParts ? [texts.join('\n')] : texts
}

export function writeModeration(reply: {
  requestId: string
  model: string
  verdicts: readonly ModerationVerdict[]
}): object {
  return {
    id: `modr-${reply.requestId}`,
    model: reply.model,
    results: reply.verdicts.map(({ isFlagged, categories }) => ({
      flagged: isFlagged,
      categories: perCategory((category) => categories.includes(category)),
      // A guard says yes or no, so the scores are 1 and 0.
      category_scores: perCategory((category) => (categories.includes(category) ? 1 : 0)),
      category_applied_input_types: perCategory((category) => (categories.includes(category) ? ['text'] : [])),
    })),
  }
}

/** What guard models call things. Hazards without a category of OpenAI's flag without naming one. */
const hazards: Readonly<Record<string, readonly ModerationCategory[]>> = {
  // Llama Guard 3 and 4
  s1: ['violence', 'illicit/violent'],
  s2: ['illicit'],
  s3: ['sexual'],
  s4: ['sexual/minors'],
  s5: ['harassment'],
  s9: ['illicit/violent'],
  s10: ['hate'],
  s11: ['self-harm'],
  s12: ['sexual'],
  s14: ['illicit'],
  // Qwen3Guard
  violent: ['violence'],
  'non-violent illegal acts': ['illicit'],
  'sexual content or sexual acts': ['sexual'],
  'suicide & self-harm': ['self-harm'],
  'unethical acts': ['hate'],
}

/**
 * Reads a guard model's answer: Llama Guard's `unsafe` with hazard codes on the next line, Qwen3Guard's `Safety:` and
 * `Categories:` lines, or a bare yes or no to "is this harmful".
 *
 * @returns undefined when it is none of these, which must not pass for safe
 */
export function readGuardVerdict(answer: string): ModerationVerdict | undefined {
  const text = answer.trim().toLowerCase()
  const verdict = /^(?:safety:\s*)?(safe|unsafe|controversial|yes|no)\b/.exec(text)?.[1]
  if (verdict === undefined) return undefined
  if (verdict === 'safe' || verdict === 'no') return { isFlagged: false, categories: [] }
  const named = text
    .split(/[\n,]/)
    .map((part) => part.replace(/^categories:/, '').trim())
    .flatMap((part) => hazards[part] ?? [])
  return { isFlagged: true, categories: [...new Set(named)] }
}

function perCategory<Value>(value: (category: ModerationCategory) => Value): Record<string, Value> {
  return Object.fromEntries(moderationCategories.map((category) => [category, value(category)]))
}

function invalid(expected: string): LlmrError {
  return new LlmrError('invalid_request', `Expected "input" to be ${expected}.`, { param: 'input' })
}
