import { createServer, type ServerResponse } from 'node:http'

import { listAt, parseForeignJson, textAt } from '../../src/core/foreign-json.ts'
import { embed } from '../../src/sim/embed.ts'
import { listen } from './listen.ts'

export type EmbedderMode = 'well' | 'fails' | 'refuses' | 'hangs' | 'narrow'

/** A server for embeddings and summaries that can be ill in every way that real ones are. */
export interface FakeEmbedder extends AsyncDisposable {
  readonly url: string
  mode: EmbedderMode
  /** Texts that it refuses, fails or dies of, whatever its mode. */
  refusesTexts: RegExp | undefined
  diesOfTexts: RegExp | undefined
  /** Longer texts do not fit; in characters. */
  lengthMax: number
  /** What it was asked with, one entry a call: the texts, or the last message of a chat. */
  readonly calls: (readonly string[])[]
  readonly headers: (string | undefined)[]
  /** Resolves when this many calls have come. */
  called(count: number): Promise<void>
}

export const fakeDimensions = 16

export async function startFakeEmbedder(): Promise<FakeEmbedder> {
  const waiting = new Set<() => void>()
  const fake = {
    mode: 'well' as EmbedderMode,
    refusesTexts: undefined as RegExp | undefined,
    diesOfTexts: undefined as RegExp | undefined,
    lengthMax: Number.POSITIVE_INFINITY,
    calls: [] as (readonly string[])[],
    headers: [] as (string | undefined)[],
    called: (count: number) =>
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (fake.calls.length < count) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
  const answer = (path: string, texts: readonly string[], response: ServerResponse): void => {
    if (fake.mode === 'hangs') return
    if (texts.some((text) => fake.diesOfTexts?.test(text))) return void response.socket?.destroy()
    if (fake.mode === 'fails') return refuse(response, 500, 'CUDA error')
    if (fake.mode === 'refuses') return refuse(response, 400, 'this model makes no embeddings')
    if (texts.some((text) => fake.refusesTexts?.test(text))) return refuse(response, 400, 'invalid input')
    if (texts.some((text) => text.length > fake.lengthMax))
      return refuse(response, 500, 'input is too large to process. increase the physical batch size')
    response.setHeader('content-type', 'application/json')
    if (path.endsWith('/chat/completions')) return void response.end(chatReply(texts[0] ?? ''))
    const dimensions = fake.mode === 'narrow' ? 8 : fakeDimensions
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: embed(text, dimensions) }))
    response.end(JSON.stringify({ object: 'list', model: 'fake', data }))
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const body = parseForeignJson(Buffer.concat(chunks).toString())
        const texts = listAt(body, 'input').map(String)
        const asked = texts.length > 0 ? texts : [textAt(listAt(body, 'messages').at(-1), 'content') ?? '']
        fake.calls.push(asked)
        fake.headers.push(request.headers.authorization)
        for (const check of waiting) check()
        answer(request.url ?? '', asked, response)
      })
  })
  const { port, close } = await listen(server)
  return Object.assign(fake, { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close })
}

/** A summary that says how long what it is of was. */
function chatReply(content: string): string {
  const message = { role: 'assistant', content: `Summary of ${content.length} characters.` }
  return JSON.stringify({
    object: 'chat.completion',
    model: 'fake',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  })
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { message } }))
}
