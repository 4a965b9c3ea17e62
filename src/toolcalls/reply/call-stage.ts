import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import type { CallReader, ToldCall } from '../inject/call-reader.ts'
import { askForBetterCalls, askForCall, askForWord } from './ask-for-better-calls.ts'
import type { ReplyIntervention } from './reply-intervention.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'

export interface CallStageOptions {
  /** A reader for each reply of the engine. */
  readonly openReader: () => CallReader
  /** What the client asked. */
  readonly request: ChatRequest
  /** How often calls that do not fit their tools are asked for once more. */
  readonly repairsMax: number
  readonly onIntervention: (intervention: ReplyIntervention) => void
}

/** What a try lacks as a whole: any word, or the call that its client insists on. */
type Lack = 'word' | 'call'

interface Attempt {
  readonly calls: readonly ToldCall[]
  readonly lack: Lack | undefined
  readonly problems: number
  /** As the client is to hear it, but for the thoughts: it has heard those. */
  readonly parts: readonly ReplyPart[]
}

/**
 * Calls read out of a reply. Those that do not fit their tools are held, and the model is told what is wrong with them, or
 * that it said nothing; the client gets the best that came of it, and never two tries.
 */
export class CallStage implements ReplyStage {
  readonly #options: CallStageOptions
  #reader: CallReader
  #best: Attempt | undefined
  #repairs = 0
  #ask: ChatRequest | undefined
  /** The client has heard a word of this try. */
  #hasSpoken = false

  constructor(options: CallStageOptions) {
    this.#options = options
    this.#reader = options.openReader()
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    return this.#reader.isOver ? [part] : this.#weighed(this.#reader.read(part))
  }

  end(): StageEnd {
    const parts = this.#reader.isOver ? [] : this.#weighed(this.#reader.end())
    const ask = this.#ask
    if (ask !== undefined) {
      this.#ask = undefined
      this.#reader = this.#options.openReader()
      this.#hasSpoken = false
    }
    return { parts, ask }
  }

  giveUp(): readonly ReplyPart[] {
    return this.#best === undefined ? [] : this.#settle(this.#best)
  }

  /** What is said of this try, when it is over: nothing but its thoughts where another is to follow, or was better. */
  #weighed(parts: readonly ReplyPart[]): readonly ReplyPart[] {
    this.#hasSpoken ||= parts.some((part) => part.type === 'text' && part.text.trim() !== '')
    if (!this.#reader.isOver) return parts
    const thoughts = parts.filter(({ type }) => type === 'reasoning')
    const calls = this.#reader.told
    const lack = calls.length > 0 ? undefined : this.#lackOf(parts)
    const attempt: Attempt = {
      calls,
      lack,
      problems: lack === undefined ? calls.reduce((count, call) => count + call.problems.length, 0) : 1,
      parts: parts.filter(({ type }) => type !== 'reasoning'),
    }
    const best = this.#best === undefined || isBetter(attempt, this.#best) ? attempt : this.#best
    this.#best = best
    if (best.problems === 0 || this.#repairs >= this.#options.repairsMax) return [...thoughts, ...this.#settle(best)]
    this.#repairs++
    this.#ask = askAgain(this.#options.request, best)
    this.#options.onIntervention({ kind: 'call-asked-again', detail: toldOf(best) })
    return thoughts
  }

  /** Only of a reply that its model has ended: one that was cut, or failed, says so itself. */
  #lackOf(parts: readonly ReplyPart[]): Lack | undefined {
    if (mustCall(this.#options.request)) return 'call'
    const isEnded = parts.some((part) => part.type === 'finish' && part.reason === 'stop')
    return isEnded && !this.#hasSpoken ? 'word' : undefined
  }

  #settle(attempt: Attempt): readonly ReplyPart[] {
    const { onIntervention } = this.#options
    if (attempt.problems > 0) onIntervention({ kind: 'call-left-wrong', detail: toldOf(attempt) })
    else if (this.#repairs > 0) onIntervention({ kind: 'call-put-right', detail: `after ${this.#repairs}` })
    return attempt.parts
  }
}

/** Text is no better call: its client would take it for the end of the run. Anything is better than nothing. */
function isBetter({ calls, lack, problems }: Attempt, before: Attempt): boolean {
  if (before.lack === 'word') return lack !== 'word'
  return calls.length > 0 && (before.calls.length === 0 || problems < before.problems)
}

function askAgain(request: ChatRequest, { calls, lack, parts }: Attempt): ChatRequest {
  if (lack === 'word') return askForWord(request)
  return lack === 'call' ? askForCall(request, parts) : askForBetterCalls(request, calls)
}

/** Engines that take nothing but words are told so in words, and not every model heeds them. */
function mustCall({ toolChoice }: ChatRequest): boolean {
  return toolChoice === 'required' || typeof toolChoice === 'object'
}

/** Counts alone: names are the model's invention where they are wrong. */
function toldOf({ calls, lack, problems }: Attempt): string {
  if (lack === 'word') return 'nothing was said'
  if (calls.length === 0) return 'no call, though one was asked for'
  return `${calls.length} ${calls.length === 1 ? 'call' : 'calls'}, ${problems} wrong`
}
