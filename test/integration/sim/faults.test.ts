import { describe, expect, onTestFinished, test } from 'vitest'

import type { Fault } from '../../../src/sim/fault.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { ask } from './ask.ts'

const chat = '/v1/chat/completions'
const messages = [{ role: 'user', content: 'hello' }]

async function start(...faults: Fault[]) {
  const lines: string[] = []
  const engine = await startSimulatedEngine({ faults, print: (line) => lines.push(line) })
  onTestFinished(() => engine.close())
  const post = (body: object): Promise<Response> =>
    fetch(engine.url + chat, { method: 'POST', body: JSON.stringify({ messages, ...body }) })
  return { engine, lines, post }
}

/** What was read of a reply, and how it ended. */
async function readAll(response: Response): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const bytes of response.body!) text += decoder.decode(bytes, { stream: true })
    return { text, isCut: false }
  } catch {
    return { text, isCut: true }
  }
}

function countOf(text: string): number {
  return text.split('data: ').length - 1
}

describe('die-mid-stream', () => {
  test('cuts a stream after so many events', async () => {
    const { post, engine } = await start({ type: 'die-mid-stream', afterChunks: 3, times: 1 })
    const { text, isCut } = await readAll(await post({ stream: true }))
    expect(countOf(text)).toBe(3)
    expect(isCut).toBe(true)
    expect(await engine.requests[0]?.outcome).toBe('broken')
    expect((await readAll(await post({ stream: true }))).isCut).toBe(false)
  })

  test('cuts even a stream that is shorter', async () => {
    const { post } = await start({ type: 'die-mid-stream', afterChunks: 1000 })
    expect((await readAll(await post({ stream: true }))).isCut).toBe(true)
  })

  test('cuts a whole reply in the middle of its body', async () => {
    const { post } = await start({ type: 'die-mid-stream' })
    const response = await post({})
    const { text, isCut } = await readAll(response)
    expect(isCut).toBe(true)
    expect(text.length).toBeLessThan(Number(response.headers.get('content-length')))
  })

  test('after 0 events leaves no byte of a reply', async () => {
    const { post } = await start({ type: 'die-mid-stream', afterChunks: 0 })
    await expect(post({ stream: true })).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } })
    await expect(post({})).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } })
  })
})

describe('half-close', () => {
  test('ends a stream in order, without a reason to finish and without [DONE]', async () => {
    const { post } = await start({ type: 'half-close', afterChunks: 2 })
    const { text, isCut } = await readAll(await post({ stream: true }))
    expect(isCut).toBe(false)
    expect(countOf(text)).toBe(2)
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"')
  })

  test('ends a whole reply in the middle of its JSON', async () => {
    const { post } = await start({ type: 'half-close' })
    const { text, isCut } = await readAll(await post({}))
    expect(isCut).toBe(false)
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
  })
})

test('garbage stands in a stream that goes on, and for a whole reply', async () => {
  const { post } = await start({ type: 'garbage', afterChunks: 1 })
  const { text } = await readAll(await post({ stream: true }))
  const [, first = '', second = ''] = text.split('data: ')
  expect(() => JSON.parse(first)).not.toThrow()
  expect(() => JSON.parse(second)).toThrow(SyntaxError)
  expect(second).toContain('\uFFFD') // what a decoder makes of bytes that are no UTF-8
  expect(text).toContain('[DONE]')
  await expect((await post({})).json()).rejects.toThrow(SyntaxError)
})

test('status answers with the status, the body and when to come back', async () => {
  const { post } = await start(
    { type: 'status', status: 429, retryAfterSeconds: 7, times: 1 },
    { type: 'status', status: 400, body: { error: 'mine' }, times: 1 },
    { type: 'status', status: 502, body: '<h1>Bad gateway</h1>', times: 1 },
  )
  const limited = await post({ stream: true })
  expect(limited.status).toBe(429)
  expect(limited.headers.get('retry-after')).toBe('7')
  expect(await limited.json()).toEqual({
    error: { code: 429, message: 'Simulated fault: status 429', type: 'server_error' },
  })
  const mine = await post({})
  expect([mine.status, await mine.json()]).toEqual([400, { error: 'mine' }])
  const proxy = await post({})
  expect([proxy.status, proxy.headers.get('content-type')]).toEqual([502, 'text/plain; charset=utf-8'])
  expect(await proxy.text()).toBe('<h1>Bad gateway</h1>')
  expect((await post({})).status).toBe(200)
})

test('hang reads the request and never answers it', async () => {
  const { post, engine } = await start({ type: 'hang', times: 1 })
  const hanging = post({})
  hanging.catch(() => undefined)
  const received = await engine.waitForRequest()
  expect(received.body).toEqual({ messages })
  expect((await post({})).status).toBe(200) // others are answered
  await engine.close()
  await expect(hanging).rejects.toThrow('fetch failed')
})

test('slow-first-token keeps back even the head of the reply, while the slot is busy', async () => {
  const { post, engine } = await start({ type: 'slow-first-token', delayMs: 60_000, times: 1 })
  let hasAnswered = false
  const slow = post({ stream: true }).then(() => (hasAnswered = true))
  slow.catch(() => undefined)
  await engine.waitForRequest()
  await expect
    .poll(async () =>
      (await ask(`${engine.url}/slots`)).body.some((slot: { is_processing: boolean }) => slot.is_processing),
    )
    .toBe(true)
  expect(hasAnswered).toBe(false)
})

describe('refuse', () => {
  test('lets nobody in until it is cleared, and the port stays the same', async () => {
    const { post, engine } = await start()
    await (await post({})).text()
    await engine.control.addFault({ type: 'refuse' })
    await expect(post({})).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await engine.control.clearFaults()
    expect((await post({})).status).toBe(200)
  })

  test('ends by itself when it has a duration', async () => {
    const { post, engine } = await start({ type: 'refuse', durationMs: 1 })
    await expect
      .poll(() =>
        post({}).then(
          ({ status }) => status,
          () => 'refused',
        ),
      )
      .toBe(200)
    expect(engine.control.faults).toEqual([])
  })

  test('is not ended by clearing faults once the engine is closed', async () => {
    const { post, engine } = await start({ type: 'refuse' })
    await engine.close()
    await engine.control.clearFaults()
    await expect(post({})).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })

  test('lets requests in work go on', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const engine = await startSimulatedEngine({ script: () => ({ content: 'kept', beforePiece: () => promise }) })
    onTestFinished(() => engine.close())
    const reply = ask(engine.url + chat, { messages })
    await engine.waitForRequest()
    await engine.control.addFault({ type: 'refuse' })
    resolve()
    expect((await reply).body.choices[0].message.content).toBe('kept')
  })
})

test('noise on stderr does no harm to the reply', async () => {
  const { post, lines } = await start({ type: 'stderr-noise', text: 'a secret path', times: 1 })
  expect((await post({})).status).toBe(200)
  expect(lines).toEqual(['a secret path'])
})

test('a path narrows a fault, and health checks use none up', async () => {
  const { post, engine } = await start(
    { type: 'status', status: 500, times: 1 },
    { type: 'status', status: 418, path: '/props' },
  )
  expect(await ask(`${engine.url}/health`)).toMatchObject({ status: 200 })
  expect(await ask(`${engine.url}/props`)).toMatchObject({ status: 418 })
  expect((await post({})).status).toBe(500)
  expect((await post({})).status).toBe(200)
})

describe('/sim/faults', () => {
  test('adds, lists and clears while it runs, and is struck by none', async () => {
    const { post, engine } = await start({ type: 'status', status: 500, path: '*' })
    const url = `${engine.url}/sim/faults`
    const added = await ask(url, [{ type: 'hang', path: '/never', times: 2 }])
    expect(added).toMatchObject({
      status: 200,
      body: {
        faults: [
          { type: 'status', status: 500 },
          { type: 'hang', timesLeft: 2 },
        ],
      },
    })
    expect((await ask(url)).body).toEqual(added.body)
    expect((await post({})).status).toBe(500)
    const cleared = await fetch(url, { method: 'DELETE' })
    expect(await cleared.json()).toEqual({ faults: [] })
    expect((await post({})).status).toBe(200)
  })

  test('takes none of a list in which one is wrong, and says what was expected', async () => {
    const { engine } = await start()
    const reply = await ask(`${engine.url}/sim/faults`, [{ type: 'hang' }, { type: 'status' }])
    expect(reply.status).toBe(400)
    expect(reply.body.error.message).toContain('expects "status" to be a number')
    expect(engine.control.faults).toEqual([])
  })
})
