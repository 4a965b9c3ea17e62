import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import type { ReplyPart, Usage } from '../../core/chat/reply-part.ts'
import { JoinedText } from './joined-text.ts'
import { lastWords } from './last-words.ts'
import type { ReplyIntervention } from './reply-intervention.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'

export interface ContinuationOptions {
  /** What the client asked. */
  readonly request: ChatRequest
  /** The engine goes on with a message that has begun; else it is asked to in words. */
  readonly canPrefill: boolean
  readonly roundsMax: number
  /** Of the whole reply, as the engine counts. */
  readonly tokensMax: number
  /** Where prompt and reply fill it, there is nothing to go on in. */
  readonly contextLength: number | undefined
  readonly onIntervention: (intervention: ReplyIntervention) => void
}

type Finish = Extract<ReplyPart, { type: 'finish' }>

/** Goes on with a reply that its engine cut by length, until it is whole or a bound is reached: one text with one end. */
export class ContinuationStage implements ReplyStage {
  readonly #options: ContinuationOptions
  #said = ''
  #joined: JoinedText | undefined
  #finish: Finish | undefined
  #rounds = 0
  #usage: Usage = {}
  #usageBefore: Usage = {}

  constructor(options: ContinuationOptions) {
    this.#options = options
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    switch (part.type) {
      case 'text':
        return this.#say(this.#joined?.push(part.text) ?? part.text)
      case 'finish':
        this.#finish = part
        return this.#say(this.#joined?.end() ?? '')
      case 'usage':
        this.#usage = part.usage
        return [part]
      default:
        return [part]
    }
  }

  end(): StageEnd {
    if (!this.#mayGoOn()) return { parts: this.giveUp() }
    this.#rounds++
    this.#finish = undefined
    this.#usageBefore = this.#usage
    const { onIntervention, canPrefill } = this.#options
    onIntervention({ kind: 'continued', detail: `${this.#said.length} characters, round ${this.#rounds}` })
    this.#joined = new JoinedText(this.#said, canPrefill ? 'begun' : 'asked')
    return { parts: [], ask: this.#question() }
  }

  giveUp(): readonly ReplyPart[] {
    return [...this.#say(this.#joined?.end() ?? ''), this.#finish ?? { type: 'finish', reason: 'length' }]
  }

  #say(text: string): readonly ReplyPart[] {
    this.#said += text
    return text === '' ? [] : [{ type: 'text', text }]
  }

  #mayGoOn(): boolean {
    const { roundsMax, tokensMax, contextLength = Infinity } = this.#options
    if (this.#finish?.reason !== 'length' || this.#said.trim() === '' || this.#rounds >= roundsMax) return false
    const { promptTokens = 0, completionTokens = 0 } = this.#usage
    // Sums of all rounds: the prompt of this one is what it added.
    const { promptTokens: promptBefore = 0, completionTokens: completionBefore = 0 } = this.#usageBefore
    const inContext = promptTokens - promptBefore + completionTokens - completionBefore
    return completionTokens < tokensMax && inContext + roomMin < contextLength && completionTokens > completionBefore
  }

  #question(): ChatRequest {
    const { request, canPrefill, tokensMax } = this.#options
    // Templates cut white space there, and models go on better from the end of a word.
    const shown = this.#said.trimEnd()
    const messages = withText(request, shown)
    const maxTokens = tokensMax - (this.#usage.completionTokens ?? 0)
    if (canPrefill) return { ...request, messages, isContinuation: true, maxTokens }
    const goOn: Message = { role: 'user', parts: [{ type: 'text', text: goOnText(lastWords(shown)) }] }
    return { ...request, messages: [...messages, goOn], isContinuation: false, maxTokens }
  }
}

/** A reply that its client has begun is one message with what the model said. */
function withText({ messages, isContinuation }: ChatRequest, text: string): readonly Message[] {
  const last = messages.at(-1)
  const part = { type: 'text', text } as const
  if (isContinuation !== true || last?.role !== 'assistant') return [...messages, { role: 'assistant', parts: [part] }]
  return [...messages.slice(0, -1), { ...last, parts: [...last.parts, part] }]
}

/** The echo shows whether a word was cut in the middle: a message never begins with the space that would tell. */
function goOnText(words: string): string {
  return `Your answer was cut off. These are its last words:

${words}

Go on with it. Begin with these words once more, exactly as they stand, and write on behind them, within the word if it was cut in the middle. Say nothing about it.`
}

/** Tokens. */
const roomMin = 16
