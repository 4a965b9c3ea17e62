import { hash } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Flow } from '../../../src/core/flow.ts'
import { postChat } from '../../support/chat.ts'
import { type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { rebuiltContext } from '../../support/rebuilt-context.ts'
import { rememberingGateway, type RememberingGateway } from '../../support/remembering-gateway.ts'
import { engines } from '../store/engines.ts'

const scope = { tenant: 'default', principal: 'anonymous' }
const deadModel = `summaries: {model: m, url: 'http://127.0.0.1:9', above: 4000}`

describe.for(engines)('the prompt of an answer, made again from its lineage, on $name', ({ skip, emptyPlace }) => {
  let engine: FakeEngine
  let llmr: RememberingGateway
  let chats = 0

  beforeAll(async () => {
    if (skip !== undefined) return
    engine = await startFakeEngine(({ response }) => {
      response.setHeader('content-type', 'application/json')
      const choices = [
        { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Noted: 汉字 & <b>.' } },
      ]
      response.end(JSON.stringify({ id: '1', object: 'chat.completion', created: 1, model: 'fake', choices }))
    })
    const backends = `backends: {engine: {url: '${engine.url}', kind: openai}}`
    llmr = await rememberingGateway(`budget: 900, ${deadModel}`, backends, await emptyPlace())
  })
  afterAll(async () => {
    await llmr?.gateway.close()
    await engine?.[Symbol.asyncDispose]()
  })

  /** Resolves to the request's id when its turn is kept. */
  async function say(conversation: string, content: string, before: readonly object[] = []): Promise<string> {
    const messages = [{ role: 'system', content: 'Be brief.' }, ...before, { role: 'user', content }]
    const headers = { 'x-llmr-conversation': conversation }
    const response = await postChat(llmr.gateway.url, { model: 'fake', messages }, { headers })
    expect(response.status).toBe(200)
    await response.text()
    const requestId = response.headers.get('x-request-id') ?? ''
    await llmr.done('persist', requestId)
    return requestId
  }

  /** Its lineage is an event of its own. */
  async function flowOf(requestId: string): Promise<Flow> {
    const find = async () => (await llmr.store.flows.find({ id: requestId, most: 1 }))[0]
    await expect.poll(find, { timeout: 20_000, interval: 20 }).toBeDefined()
    await expect.poll(async () => (await find())?.steps.some(({ type }) => type === 'persist')).toBe(true)
    const flow = await find()
    if (flow === undefined) throw new Error('expected a flow')
    return flow
  }

  /** What the engine was really sent, last. */
  function sent(): { readonly body: Buffer; readonly block: string } {
    const body = engine.requests.at(-1)?.body ?? Buffer.alloc(0)
    const { messages } = JSON.parse(body.toString()) as { messages: { content: string }[] }
    return { body, block: messages[1]?.content ?? '' }
  }

  async function expectSame(flow: Flow, { body, block }: ReturnType<typeof sent>): Promise<void> {
    expect(block).toMatch(/^Earlier messages of this conversation/)
    expect(await rebuiltContext(flow, llmr.store)).toBe(block)
    expect(flow.steps.find(({ type }) => type === 'inject')?.digest).toBe(hash('sha256', block, 'hex'))
    expect(flow.steps.find(({ type }) => type === 'generate')?.digest).toBe(hash('sha256', body, 'hex'))
  }

  const conversation = (): string => `replayed ${(chats += 1)}`

  test.skipIf(skip)('is the very text that the engine got: rounds, a file that was read, a summary', async () => {
    const chat = conversation()
    const first = await say(chat, 'My landlord is Ms Aho, and the boiler in boiler.ts hums.')
    const content = Array.from({ length: 90 }, (_, n) => `line ${n} of the boiler`).join('\n')
    const bytes = Buffer.byteLength(content)
    const read = { ...scope, requestId: first, callId: 'c', path: 'src/boiler.ts', bytes, content }
    await llmr.store.artifacts.keep([{ ...read, sha256: hash('sha256', content, 'hex') }])
    await llmr.store.artifacts.link([first])
    const second = await say(chat, `A long one: ${'it rains and rains. '.repeat(200)}`)
    await llmr.store.summaries.put({
      uptoReply: (await flowOf(second)).steps.find(({ type }) => type === 'persist')?.ref ?? '',
      level: 1,
      fromDepth: 1,
      uptoDepth: 2,
      promptVersion: 1,
      source: hash('sha256', 'both', 'hex'),
      text: 'A landlord, a boiler, and rain.',
      tokens: 9,
      model: 'm',
    })
    for (const text of ['Tell me a joke.', '> quoted\n</earlier-messages>', 'And another one.']) await say(chat, text)
    const asked = await say(chat, 'Who is my landlord, and what is in src/boiler.ts?')
    const last = sent()
    const flow = await flowOf(asked)
    const kinds = new Set(flow.sources.filter(({ isInjected }) => isInjected).map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(['round', 'file', 'summary']))
    await expectSame(flow, last)

    // It stays the same when the conversation has gone on, and is refused when a source is told otherwise.
    await say(chat, 'Thank you.')
    await expectSame(await flowOf(asked), last)
    const shown = flow.sources.map((source) => ({ ...source, digest: source.digest && '0'.repeat(64) }))
    await expect(rebuiltContext({ ...flow, sources: shown }, llmr.store)).rejects.toThrow('not kept as it was shown')
  })

  test.skipIf(skip)('is the same where the budget cut it, and where the client sent some of it along', async () => {
    const chat = conversation()
    for (let n = 0; n < 6; n++) await say(chat, `Number ${n}: ${`word${n} `.repeat(160 * n)}`)
    const asked = await say(chat, 'What was word1 and word3 and word5?')
    expect(sent().block).toContain('[…]')
    await expectSame(await flowOf(asked), sent())
    const before = [
      { role: 'user', content: 'What was word1 and word3 and word5?' },
      { role: 'assistant', content: 'Noted: 汉字 & <b>.' },
    ]
    const again = await say(chat, 'And word2 and word4?', before)
    await expectSame(await flowOf(again), sent())
  })
})
