import { once } from 'node:events'
import { request } from 'node:http'

import { describe, expect, onTestFinished, test } from 'vitest'

import type { SimulatedEngineOptions } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import type { SimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { ask, events } from './ask.ts'

const messages = [{ role: 'user', content: 'hello' }]
const chat = '/v1/chat/completions'

async function start(options: SimulatedEngineOptions = {}): Promise<SimulatedEngine> {
  const engine = await startSimulatedEngine(options)
  onTestFinished(() => engine.close())
  return engine
}

/** A promise that a test keeps until it lets go. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { promise, open: resolve }
}

describe('while it loads', () => {
  test('every path says so, and then none does', async () => {
    const { url, control } = await start({ loadTimeMs: Infinity })
    const loading = { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } }
    for (const path of ['/health', '/v1/models', '/props', '/nowhere']) {
      expect(await ask(url + path)).toMatchObject({ status: 503, body: loading })
    }
    expect(await ask(url + chat, { messages })).toMatchObject({ status: 503, body: loading })
    control.finishLoading()
    await control.loaded
    expect(await ask(`${url}/health`)).toMatchObject({ status: 200 })
    control.startLoading()
    expect(await ask(`${url}/health`)).toMatchObject({ status: 503 })
  })

  test('a crash ends it, and what it printed is known', async () => {
    const lines: string[] = []
    const faults = [{ type: 'crash-at-load', text: 'cudaMalloc failed: out of memory' }] as const
    const { url, control } = await start({ faults, print: (line) => lines.push(line) })
    await expect(control.loaded).rejects.toThrow(/closed before/)
    expect(lines).toEqual(['cudaMalloc failed: out of memory'])
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })
})

describe('slots', () => {
  test('let no more requests work than there are, and the next one in when a reply has ended', async () => {
    const held = gate()
    const script = () => ({
      content: ['a', 'b'],
      beforePiece: (index: number) => (index === 1 ? held.promise : undefined),
    })
    const { url } = await start({ slots: 1, script })
    const first = await stream(url)
    expect(await first.next()).toContain('"role":"assistant"')
    const second = ask(url + chat, { messages })
    await expect.poll(async () => (await metricsOf(url)).get('requests_deferred')).toBe(1)
    expect(await ask(`${url}/slots`)).toMatchObject({ body: [{ is_processing: true }] })
    expect(await ask(`${url}/slots?fail_on_no_slot=1`)).toMatchObject({
      status: 503,
      body: { error: { code: 503, message: 'no slot available', type: 'unavailable_error' } },
    })
    held.open()
    expect(await second).toMatchObject({ status: 200 })
    expect((await metricsOf(url)).get('requests_deferred')).toBe(0)
  })

  test('are free as soon as the client has left, whether it was answered, waiting or being read', async () => {
    const script = () => ({ beforePiece: () => new Promise<void>(() => undefined) })
    const engine = await start({ slots: 1, script })
    const leaver = new AbortController()
    const requests = [0, 1].map(() =>
      fetch(engine.url + chat, {
        method: 'POST',
        body: JSON.stringify({ messages, stream: true }),
        signal: leaver.signal,
      }),
    )
    await expect.poll(async () => (await metricsOf(engine.url)).get('requests_deferred')).toBe(1)
    leaver.abort()
    await Promise.allSettled(requests)
    const asked = engine.requests.filter(({ path }) => path === chat)
    expect(await Promise.all(asked.map(({ outcome }) => outcome))).toEqual(['abandoned', 'abandoned'])
    await expect.poll(async () => (await ask(`${engine.url}/slots`)).body[0].is_processing).toBe(false)
  })
})

describe('a script', () => {
  test('holds a stream where the test wants it', async () => {
    const held = gate()
    const beforePiece = (index: number) => (index === 1 ? held.promise : undefined)
    const { url } = await start({ script: () => ({ content: ['first', 'second'], beforePiece }) })
    const reader = await stream(url)
    expect(await reader.next()).toContain('"role":"assistant"')
    expect(await reader.next()).toContain('first')
    held.open()
    expect(await reader.next()).toContain('second')
  })

  test('sees the request, and its reasoning comes apart from its content', async () => {
    const script: SimulatedEngineOptions['script'] = ({ body }) => ({
      reasoning: 'thinking',
      content: JSON.stringify(body).length > 0 ? 'done' : '',
    })
    const { url } = await start({ script })
    const { body } = await ask(url + chat, { messages })
    expect(body.choices[0].message).toEqual({ role: 'assistant', reasoning_content: 'thinking', content: 'done' })
    const { data } = await events(url + chat, { messages, stream: true })
    expect(data[1].choices[0].delta).toEqual({ reasoning_content: 'thin' })
  })
})

describe('the log of requests', () => {
  test('has what arrived', async () => {
    const engine = await start()
    const coming = engine.waitForRequest(({ path }) => path === '/tokenize')
    await fetch(`${engine.url}/tokenize?x=1`, { method: 'POST', headers: { 'x-a': 'b' }, body: '{"content":""}' })
    const received = await coming
    expect(received).toMatchObject({ method: 'POST', path: '/tokenize', body: { content: '' }, text: '{"content":""}' })
    expect(received.headers['x-a']).toBe('b')
    expect(received.query.get('x')).toBe('1')
    expect(await received.outcome).toBe('answered')
    expect(engine.requests).toEqual([received])
  })
})

describe('the edges', () => {
  test('a key is asked for everywhere but for health', async () => {
    const { url } = await start({ apiKey: 'secret' })
    const refused = { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } }
    expect(await ask(`${url}/v1/models`)).toMatchObject({ status: 401, body: refused })
    expect(await ask(`${url}/health`)).toMatchObject({ status: 200 })
    const response = await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer secret' } })
    expect(response.status).toBe(200)
  })

  test('a body larger than 64 MiB is refused', async () => {
    const { port } = await start()
    const sending = request({ port, method: 'POST', path: '/tokenize' })
    sending.on('error', () => undefined) // the rest of the body finds nobody
    const answered = once(sending, 'response')
    sending.end(Buffer.alloc(80 * 2 ** 20))
    const [response] = await answered
    expect(response.statusCode).toBe(413)
    response.destroy()
  })

  test('closing cuts replies that would never end, and may be done twice', async () => {
    const engine = await start({ faults: [{ type: 'hang' }] })
    const hanging = fetch(engine.url + chat, { method: 'POST', body: '{}' })
    hanging.catch(() => undefined)
    const { outcome } = await engine.waitForRequest()
    await Promise.all([engine.close(), engine.close()])
    await expect(hanging).rejects.toThrow('fetch failed')
    expect(await outcome).toBe('abandoned')
  })

  test('a port that is taken is an error', async () => {
    const { port } = await start()
    await expect(startSimulatedEngine({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('one prompt a request: a list is refused rather than answered in part', async () => {
    const { url } = await start()
    expect(await ask(`${url}/v1/completions`, { prompt: ['a', 'b'] })).toMatchObject({ status: 400 })
    expect(await ask(`${url}/v1/completions`, { prompt: [1, 2], max_tokens: 1 })).toMatchObject({ status: 200 })
  })
})

async function metricsOf(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return new Map(Array.from(text.matchAll(/^llamacpp:(\w+) (.+)$/gm), ([, name = '', value]) => [name, Number(value)]))
}

/** The events of a streamed chat, one at a time. */
async function stream(url: string) {
  const response = await fetch(url + chat, { method: 'POST', body: JSON.stringify({ messages, stream: true }) })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  return {
    next: async (): Promise<string> => {
      while (!rest.includes('\n\n')) {
        const { value, done } = await reader.read()
        if (done) return rest
        rest += value
      }
      const at = rest.indexOf('\n\n')
      const event = rest.slice(0, at)
      rest = rest.slice(at + 2)
      return event
    },
  }
}
