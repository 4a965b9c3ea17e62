import type { AssistantPart, Message, UserPart } from '../../../src/core/chat/message.ts'
import type { MemoryScope } from '../../../src/core/memory-scope.ts'
import type { ResolvedPlace } from '../../../src/memory/identity/resolve-place.ts'
import { type Asked, ask, type EndingStore } from './memory-client.ts'
import { Random } from './random.ts'

/** What a client does with the conversation before it sends it. */
export const styles = [
  'whole',
  'edits',
  'regenerates',
  'window',
  'compacts',
  'reminders',
  'images',
  'stops',
  'named',
  'agent',
  'twice',
] as const

export type Style = (typeof styles)[number]

export interface Verdict {
  readonly style: Style
  /** By which sign it was recognised. */
  readonly tier: string
  /** `right`: the reply that was gone on from, or one of the same words on the same path. `split`: a conversation was begun anew. */
  readonly outcome: 'right' | 'equal' | 'split' | 'wrong'
  /** Something on the path was never said in this conversation. */
  readonly isForeign: boolean
  readonly isOtherScope: boolean
}

/** One round as it really was. */
interface Round {
  readonly user: string
  readonly said: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly argumentsText: string }[]
  /** What the agent's tool gave, and what was said then. */
  readonly inTheEnd?: string
  /** Of the reply that came last in it. */
  readonly reply: string
  readonly before: Round | undefined
}

/** What the store made of one reply. */
interface Kept {
  readonly principal: string
  readonly round: Round
  readonly parentReply: string | undefined
}

export interface Workload {
  readonly store: EndingStore
  readonly seed: number
  readonly chats: number
  readonly turnsMax: number
  /** Chats that go on at the same time. */
  readonly atOnce: number
}

const scopes: readonly MemoryScope[] = [
  { tenant: 'home', principal: 'ada' },
  { tenant: 'home', principal: 'bob' },
  { tenant: 'work', principal: 'ada' },
]

const openings = ['hi', 'hello', 'continue', 'thanks', 'why?', 'ok', 'go on']
const canned = ['OK.', 'Sure.', 'Hello! How can I help you today?', 'You are welcome!']
const refusals = [
  "I'm sorry, but I can't help with that. If there is anything else that you would like to know, just ask me about it.",
]

/** Plays clients of every style at once, all of them saying the same few things, and judges each request that goes on. */
export async function playHostileClients(workload: Workload): Promise<readonly Verdict[]> {
  const random = new Random(workload.seed)
  const run = `${workload.seed}-${process.pid}`
  const kept = new Map<string, Kept>()
  const chats = Array.from(
    { length: workload.chats },
    (_, n) => new HostileChat({ n, run, random: random.fork(), kept, store: workload.store }),
  )
  const verdicts: Verdict[] = []
  for (let turn = 0; turn < workload.turnsMax; turn++) {
    const going = chats.filter(() => turn === 0 || random.chance(0.9))
    for (let from = 0; from < going.length; from += workload.atOnce) {
      const batch = await Promise.all(going.slice(from, from + workload.atOnce).map((chat) => chat.goOn()))
      verdicts.push(...batch.flat())
    }
  }
  return verdicts
}

class HostileChat {
  readonly #style: Style
  readonly #scope: MemoryScope
  readonly #name: string
  readonly #random: Random
  readonly #kept: Map<string, Kept>
  readonly #store: EndingStore
  #last: Round | undefined
  #count = 0

  constructor(parts: { n: number; run: string; random: Random; kept: Map<string, Kept>; store: EndingStore }) {
    const { n, run, random, kept, store } = parts
    this.#style = styles[n % styles.length] ?? 'whole'
    this.#scope = scopes[Math.floor(n / styles.length) % scopes.length] ?? { tenant: 'home', principal: 'ada' }
    this.#scope = { ...this.#scope, principal: `${this.#scope.principal}-${run}` }
    this.#name = `${run}-${n}`
    this.#random = random
    this.#kept = kept
    this.#store = store
  }

  /** One turn of the user, with all the requests that it takes. */
  async goOn(): Promise<readonly Verdict[]> {
    const random = this.#random
    this.#goBack()
    const before = this.#last
    const user = random.chance(0.5) ? random.pick(openings) : `about ${random.number(1_000_000)}, please`
    if (this.#style === 'twice') {
      const [one, other] = await Promise.all([this.#request(before, user), this.#request(before, user)])
      this.#last = random.chance(0.5) ? one.round : other.round
      return [...one.verdicts, ...other.verdicts]
    }
    const { round, verdicts } = await this.#request(before, user)
    this.#last = round
    if (this.#style !== 'regenerates' || !random.chance(0.5)) return verdicts
    const again = await this.#request(before, user)
    if (random.chance(0.7)) this.#last = again.round
    return [...verdicts, ...again.verdicts]
  }

  /** An edit of something that was said earlier. */
  #goBack(): void {
    if (this.#style !== 'edits' || !this.#random.chance(0.3)) return
    for (let steps = this.#random.number(3); steps > 0; steps--) this.#last = this.#last?.before
  }

  async #request(before: Round | undefined, user: string) {
    const random = this.#random
    const said = random.chance(0.35)
      ? random.pick(canned)
      : random.chance(0.05)
        ? random.pick(refusals)
        : `Answer ${random.number(1e9)} ${'and so on '.repeat(random.number(30))}`.trim()
    const messages = [...this.#shown(before), message('user', this.#dressed(user))]
    if (this.#style !== 'agent' || !random.chance(0.6)) {
      const place = await this.#ask({ messages, reply: said })
      const round: Round = { user, said, calls: [], reply: place.reply, before }
      return { round, verdicts: this.#judge(round, place) }
    }
    // Some engines count their calls from 0 in each reply.
    const id = random.chance(0.3)
      ? 'call_0'
      : `call_${random.number(1e9).toString(36)}${random.number(1e9).toString(36)}`
    const calls = [{ id, name: 'look', argumentsText: `{"at":"${user}"}` }]
    const first = await this.#ask({ messages, toolCalls: calls })
    const step: Round = { user, said: '', calls, reply: first.reply, before }
    const verdicts = this.#judge(step, first)
    const result: Message = { role: 'tool', callId: id, parts: [{ type: 'text', text: '42' }] }
    const second = await this.#ask({ messages: [...messages, callMessage(calls), result], reply: said })
    const round: Round = { user, said: '', calls, inTheEnd: said, reply: second.reply, before }
    return { round, verdicts: [...verdicts, ...this.#judge(round, second)] }
  }

  #ask(request: Pick<Asked, 'messages' | 'reply' | 'toolCalls'>) {
    const requestId = `${this.#name}-${++this.#count}`
    const key = this.#style === 'named' ? { source: 'llmr', key: this.#name } : undefined
    return ask(this.#store, { ...request, scope: this.#scope, requestId, key })
  }

  /** What the client sends along of what was said before. */
  #shown(last: Round | undefined): readonly Message[] {
    const rounds = pathOf(last)
    switch (this.#style) {
      case 'named':
        return []
      case 'window':
        return rounds.slice(-2 - this.#random.number(2)).flatMap((round) => this.#messagesOf(round))
      case 'compacts': {
        if (rounds.length < 4) break
        const summary = `Summary of our conversation: ${rounds.length} rounds, the first about ${rounds[0]?.user}.`
        return [
          message('user', summary),
          message('assistant', 'Understood.'),
          ...rounds.slice(-1 - this.#random.number(2)).flatMap((round) => this.#messagesOf(round)),
        ]
      }
      default:
    }
    return rounds.flatMap((round) => this.#messagesOf(round))
  }

  #messagesOf({ user, said, calls, inTheEnd }: Round): readonly Message[] {
    const asked = message('user', this.#style === 'reminders' ? this.#dressed(user) : user)
    // Of a stream that was stopped the client has the beginning.
    const heard = this.#style === 'stops' && said.length > 80 ? said.slice(0, 60) : said
    if (calls.length === 0) return [asked, message('assistant', heard)]
    const results = calls.map(({ id }): Message => ({
      role: 'tool',
      callId: id,
      parts: [{ type: 'text', text: '42' }],
    }))
    return [asked, callMessage(calls), ...results, ...(inTheEnd === undefined ? [] : [message('assistant', inTheEnd)])]
  }

  #dressed(text: string): string | readonly UserPart[] {
    const stamp = this.#random.number(1e6)
    if (this.#style === 'reminders') {
      return [
        { type: 'text', text: `<system-reminder>Now it is ${stamp}.</system-reminder>` },
        { type: 'text', text: this.#random.chance(0.5) ? text : ` ${text}\r\n` },
      ]
    }
    if (this.#style !== 'images') return text
    const image: UserPart = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: `i${stamp}` } }
    return [image, { type: 'text', text }]
  }

  #judge(round: Round, { parentReply, tier }: ResolvedPlace): readonly Verdict[] {
    this.#kept.set(round.reply, { principal: principalOf(this.#scope), round, parentReply })
    if (round.before === undefined && parentReply === undefined) return []
    return [{ ...this.#verdict(round, parentReply), tier }]
  }

  #verdict(round: Round, parentReply: string | undefined): Omit<Verdict, 'tier'> {
    const style = this.#style
    const truth = pathOf(round.before)
    const path = this.#keptPath(parentReply)
    const own = new Set(truth.map(wordsOf))
    const verdict = {
      style,
      isForeign: path.some((kept) => !own.has(wordsOf(kept.round))),
      isOtherScope: path.some(({ principal }) => principal !== principalOf(this.#scope)),
    }
    if (parentReply === undefined) return { ...verdict, outcome: 'split' }
    if (parentReply === round.before?.reply) return { ...verdict, outcome: 'right' }
    const isEqual = wordsOf(path[0]?.round) === wordsOf(round.before) && !verdict.isForeign
    // What was imported has no reply of ours; it says what the client showed.
    const isImported = path.length === 0
    return { ...verdict, outcome: isImported ? 'equal' : isEqual ? 'equal' : 'wrong' }
  }

  #keptPath(reply: string | undefined): readonly Kept[] {
    const path: Kept[] = []
    for (let at = reply; at !== undefined;) {
      const kept = this.#kept.get(at)
      if (kept === undefined) break
      path.push(kept)
      at = kept.parentReply
    }
    return path
  }
}

function pathOf(last: Round | undefined): readonly Round[] {
  const rounds: Round[] = []
  for (let round = last; round !== undefined; round = round.before) rounds.unshift(round)
  return rounds
}

function wordsOf(round: Round | undefined): string {
  return round === undefined ? '' : JSON.stringify([round.user, round.said, round.inTheEnd, round.calls.length])
}

function principalOf({ tenant, principal }: MemoryScope): string {
  return `${tenant}/${principal}`
}

function message(role: 'user' | 'assistant', content: string | readonly UserPart[]): Message {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content
  if (role === 'user') return { role, parts }
  return { role, parts: parts.filter((part): part is Extract<AssistantPart, { type: 'text' }> => part.type === 'text') }
}

function callMessage(calls: Round['calls']): Message {
  return { role: 'assistant', parts: calls.map((call) => ({ type: 'tool-call', ...call })) }
}
