import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { parseForeignJson } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { chatPath, type PairCase, pairCases } from './cases.ts'
import { ollamaChat, ollamaGenerate } from './ollama.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import type { Heard, PairClient } from './question.ts'
import { readAsked } from './read-asked.ts'

const clients = [openaiChat, openaiResponses, anthropicMessages, ollamaChat, ollamaGenerate]

let engine: SimulatedEngine
let gateway: TestGateway
let script: Script | undefined

beforeAll(async () => {
  engine = await startSimulatedEngine({ vision: true, script: () => script })
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    resilience: { breaker: { failures: 1000 } }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
  `)
})

afterAll(async () => {
  await gateway.close()
  await engine.close()
})

describe.for(clients.map((client) => [client.name, client] as const))('%s', ([, client]) => {
  const cells = pairCases
    .filter(({ name }) => client.lacks[name] === undefined)
    .flatMap((pair) => [
      { name: pair.name, way: 'whole', pair, isStream: false },
      { name: pair.name, way: 'streamed', pair, isStream: true },
    ])

  test.for(cells)('$name, $way: the engine is asked all of it, and the client hears it as it was', async (cell) => {
    await provePair(client, cell.pair, cell.isStream)
  })
})

test('the matrix that docs/dialects.md shows is the one that is tried', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/dialects.md'), 'utf8')
  const section = page.split('\n## ').find((text) => text.startsWith('What is tried\n'))
  expect(rowsIn(section ?? '')).toEqual(rowsIn(writeMatrix()))
})

async function provePair(client: PairClient, pair: PairCase, isStream: boolean): Promise<void> {
  script = pair.script
  await engine.control.clearFaults()
  const fault = pair.faults?.[isStream ? 'streamed' : 'whole']
  if (fault !== undefined) await engine.control.addFault(fault)
  const response = await fetch(`${gateway.url}${client.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(client.write(pair.question, isStream)),
  })
  const body = await response.text()

  const asked = engine.requests.findLast(({ path }) => path === chatPath)
  const { maxTokens, ...rest } = readAsked(parseForeignJson(asked?.text ?? ''))
  // A limit that the question has none of is one that its dialect demands.
  expect({ ...rest, ...(pair.question.maxTokens !== undefined && { maxTokens }) }).toEqual(pair.asked)

  const { failure } = pair
  if (failure !== undefined && (failure.when === 'before' || !isStream)) {
    expect(response.status, body).toBe(502)
    expect(client.readError(parseForeignJson(body))).toContain(failure.words)
    return
  }
  expect(response.status, body).toBe(200)
  expect(response.headers.get('content-type')).toContain(isStream ? client.streamType : 'application/json')
  const heard = isStream ? client.readStream(body) : client.readWhole(parseForeignJson(body))
  if (failure === undefined) expectWhole(heard, pair)
  else expectBrokenOff(heard, failure.words)
}

function expectWhole({ usage, ...heard }: Heard, pair: PairCase): void {
  expect(heard).toEqual({ text: '', thought: '', calls: [], ...pair.heard })
  expect(usage?.prompt).toBeGreaterThan(0)
  expect(usage?.completion).toBeGreaterThan(0)
}

function expectBrokenOff({ text, ending, error }: Heard, words: string): void {
  expect('good morning'.startsWith(text)).toBe(true)
  expect(ending, 'what broke off has no end').toBeUndefined()
  expect(error).toContain(words)
}

/** As `docs/dialects.md` has it: paste it there when it changes. */
function writeMatrix(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    row(['case', ...clients.map(({ name }) => name)]),
    row(['---', ...clients.map(() => '---')]),
    ...pairCases.map(({ name }) => row([name, ...clients.map(({ lacks }) => lacks[name] ?? 'streamed, whole')])),
  ].join('\n')
}

/** Cells without the blanks that a formatter puts around them. */
function rowsIn(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^-+$/, '---')))
}
