import { Agent, type IncomingMessage, request } from 'node:http'

import type { Random } from '../random.ts'

export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

/** What became of one request, as its client saw it. */
export type Reply =
  /** It came to its end: from here on the gateway answers for it. */
  | { readonly kind: 'whole'; readonly requestId: string; readonly text: string; readonly tookMs: number }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string }
  | { readonly kind: 'broken' }

export interface Question {
  readonly url: string
  readonly agent: Agent
  readonly messages: readonly Message[]
  readonly isStream: boolean
}

const replyTimeoutMs = 60_000

/** One chat request. Never rejects. */
export function askOnce({ url, agent, messages, isStream }: Question): Promise<Reply> {
  return new Promise((resolve) => {
    const startedAtMs = performance.now()
    const broken = (): void => resolve({ kind: 'broken' })
    const sent = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent,
      timeout: replyTimeoutMs,
      headers: { 'content-type': 'application/json' },
    })
    sent.on('error', broken)
    sent.on('timeout', () => sent.destroy())
    sent.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('error', broken)
      response.on('close', () => {
        const tookMs = performance.now() - startedAtMs
        resolve(judge({ response, body, isStream, tookMs }))
      })
    })
    sent.end(JSON.stringify({ model: 'simulated', max_tokens: 12, stream: isStream, messages }))
  })
}

/** A reply has ended with its end marker, or with the last byte that its length promised; not with its connection. */
function judge(seen: { response: IncomingMessage; body: string; isStream: boolean; tookMs: number }): Reply {
  const { response, body, isStream, tookMs } = seen
  const status = response.statusCode ?? 0
  if (status !== 200) return { kind: 'refused', status, body }
  const requestId = String(response.headers['x-request-id'])
  if (isStream) {
    if (!/^data: \[DONE\]$/m.test(body)) return { kind: 'broken' }
    const texts = [...body.matchAll(/"content": ?("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) =>
      String(JSON.parse(text)),
    )
    return { kind: 'whole', requestId, text: texts.join(''), tookMs }
  }
  if (Buffer.byteLength(body) !== Number(response.headers['content-length'])) return { kind: 'broken' }
  return { kind: 'whole', requestId, text: contentOf(body), tookMs }
}

function contentOf(body: string): string {
  const { choices } = JSON.parse(body) as { choices: readonly [{ message: { content: string } }] }
  return choices[0].message.content
}

export interface Talk {
  readonly url: string
  readonly random: Random
  /** Says something that nobody has said before. */
  readonly words: () => string
  readonly isOver: () => boolean
  readonly onReply: (reply: Reply, said: string) => void
}

/** A client with one conversation after the other, each up to three rounds, with its history sent along. */
export async function converse({ url, random, words, isOver, onReply }: Talk): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    while (!isOver()) {
      const messages: Message[] = []
      const rounds = random.integer(1, 3)
      for (let round = 0; round < rounds && !isOver(); round++) {
        const content = words()
        messages.push({ role: 'user', content })
        const reply = await askOnce({ url, agent, messages, isStream: random.isTrue(0.5) })
        onReply(reply, content)
        if (reply.kind !== 'whole') {
          await new Promise((resolve) => setTimeout(resolve, 50))
          break
        }
        messages.push({ role: 'assistant', content: reply.text })
      }
    }
  } finally {
    agent.destroy()
  }
}
