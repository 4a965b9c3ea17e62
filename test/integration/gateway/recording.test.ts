import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { parseForeignJson } from '../../../src/core/foreign-json.ts'
import { readTranscripts } from '../../../src/dialects/transcript/read-transcripts.ts'
import { readGatewayFile } from '../../../src/gateway/operating/gateway-file.ts'
import { followRecording, type RecordedRun } from '../../../src/gateway/operating/recording/follow-recording.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

async function start(yaml = '') {
  const dataDirectory = temporaryFolder()
  const engine = keep(await startSimulatedEngine({ model: 'small' }))
  const gateway = keep(
    await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }\n${yaml}`, { dataDirectory }),
  )
  const key = readGatewayFile(dataDirectory)?.admin_key ?? ''
  return { engine, gateway, dataDirectory, access: { url: gateway.url, key } }
}

/** Resolves when the gateway records. */
async function record({ gateway, access }: Awaited<ReturnType<typeof start>>, query: Record<string, string> = {}) {
  const lines: unknown[] = []
  const stop = new AbortController()
  const begun = isRecording(gateway)
  const ended: Promise<RecordedRun> = followRecording({
    access,
    query: new URLSearchParams(query),
    write: async (line) => void lines.push(parseForeignJson(line)),
    redact: (value) => value,
    signal: stop.signal,
  })
  await Promise.race([begun, ended])
  return { lines, ended, stop: () => stop.abort() }
}

function isRecording(gateway: TestGateway) {
  return gateway.logged(({ msg }) => msg === 'requests are being recorded, with what people say in them')
}

const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }]
const secret = `sk-${'a1'.repeat(12)}`

test('a recording holds each request as it came, what the model said and what was done, and can be replayed', async () => {
  const place = await start()
  const recording = await record(place, { requests: '2' })
  const messages = [
    { role: 'user', content: `Look into /home/ada/notes with ${secret}.` },
    { role: 'tool', tool_call_id: 'lost', content: 'orphan' },
  ]
  await (await postChat(place.gateway.url, { model: 'small', messages, tools, temperature: 0.1 })).text()
  const anthropic = {
    model: 'small',
    max_tokens: 5,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Hello.' }],
  }
  await (await fetch(`${place.gateway.url}/v1/messages`, { method: 'POST', body: JSON.stringify(anthropic) })).text()

  expect(await recording.ended).toMatchObject({ requests: 2, missed: 0, end: 'requests' })
  const [header, first, second] = recording.lines
  expect(header).toMatchObject({ format: 'llmr-transcript', version: 1 })
  expect(first).toMatchObject({
    kind: 'agent',
    principal: 'anonymous',
    sent_to: '/v1/chat/completions',
    model: 'small',
    status: 200,
    request: { model: 'small', temperature: 0.1, messages: [{ content: 'Look into ~/notes with [redacted].' }, {}] },
    reply: { message: { role: 'assistant' }, finish_reason: 'stop' },
  })
  expect(JSON.stringify(first)).toContain('"history-repaired","orphan-result"')
  expect(second).toMatchObject({
    request: {
      max_tokens: 5,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello.' },
      ],
    },
  })
  const runs = readTranscripts(recording.lines.map((line) => JSON.stringify(line)).join('\n'), 'recorded')
  expect(runs.map(({ requests }) => requests.map((request) => request.messages.length))).toEqual([[2], [2]])
})

test('only what was asked for is recorded, and nothing of who wants nothing kept', async () => {
  const place = await start('models: { tiny: { upstream: small, backends: [gpu] } }')
  const { url } = place.gateway
  const recording = await record(place, { model: 'tiny', requests: '1' })
  await (await postChat(url, { model: 'tiny' }, { headers: { 'x-llmr-memory': 'off' } })).text()
  await (await postChat(url, { model: 'small', messages: [{ role: 'user', content: 'other' }] })).text()
  await (await postChat(url, { model: 'tiny', messages: [{ role: 'user', content: 'this' }] })).text()
  await recording.ended
  expect(recording.lines.slice(1)).toMatchObject([{ request: { messages: [{ content: 'this' }] } }])

  const conversation = await record(place, { conversation: 'mine', requests: '1' })
  await (await postChat(url, {}, { headers: { 'x-llmr-conversation': 'theirs' } })).text()
  await (await postChat(url, {}, { headers: { 'x-llmr-conversation': 'mine' } })).text()
  expect(await conversation.ended).toMatchObject({ requests: 1 })
})

test('while it records the gateway says so, and when the client leaves it stops', async () => {
  const place = await start()
  const standing = async () => (await (await fetch(`${place.gateway.url}/readyz`)).json()) as { recordings: unknown[] }
  expect(await standing()).toMatchObject({ recordings: [] })
  const recording = await record(place, { principal: 'anonymous' })
  expect(await standing()).toMatchObject({ recordings: [{ principal: 'anonymous', requests: 0 }] })
  expect(await isRecording(place.gateway)).toMatchObject({ level: 'warn', principal: 'anonymous' })
  recording.stop()
  expect(await recording.ended).toMatchObject({ end: 'stopped' })
  expect(await place.gateway.logged(({ msg }) => msg === 'a recording has ended')).toMatchObject({
    reason: 'its client left',
  })
  expect(await standing()).toMatchObject({ recordings: [] })
})

test.each([
  ['so long', { for_ms: '1' }, 'time'],
  ['so much', { bytes: '10' }, 'size'],
])('a recording of at most %s comes to an end by itself', async (_, query, end) => {
  const place = await start()
  const recording = await record(place, query)
  await (await postChat(place.gateway.url)).text()
  expect(await recording.ended).toMatchObject({ requests: 0, end })
})

test('a shutdown ends a recording in good order', async () => {
  const place = await start()
  const recording = await record(place)
  await place.gateway.close()
  expect(await recording.ended).toMatchObject({ end: 'closing' })
})

test('nobody records without a key, or where it is not allowed', async () => {
  const place = await start('telemetry: { recording: { allow: false } }')
  const ask = async (headers: Record<string, string>) =>
    errorOf(await fetch(`${place.gateway.url}/llmr/v1/record`, { headers }))
  expect(await ask({})).toMatchObject({ status: 401 })
  expect(await ask({ authorization: `Bearer ${place.access.key}` })).toMatchObject({
    status: 403,
    message: expect.stringContaining('telemetry.recording.allow') as string,
  })
})

test('llmr record writes a file of its owner alone, and does not replace one', async () => {
  const place = await start(`telemetry: { recording: { redact: ['project \\w+'] } }`)
  const out = join(temporaryFolder(), 'runs.jsonl')
  const args = ['record', '--data', place.dataDirectory, '--requests', '1', '--redact', 'hush', '--out', out]
  const begun = isRecording(place.gateway)
  const run = runLlmr(args)
  await begun
  const messages = [{ role: 'user', content: 'hush, this is project Zebra' }]
  await (await postChat(place.gateway.url, { messages })).text()
  const { code, stderr } = await run
  expect(code, stderr).toBe(0)
  expect(stderr).toMatch(/Recorded 1 request, \d+ KiB: there are as many as were asked for/)
  expect(statSync(out).mode & 0o777).toBe(0o600)
  expect(readFileSync(out, 'utf8')).toContain('"[redacted], this is [redacted]"')
  expect((await runLlmr(['replay', out])).stdout).toMatch(/^1 +user +1 /m)
  const again = await runLlmr(args)
  expect(again.code).toBe(1)
  expect(again.stderr).toContain('is there already')
})
