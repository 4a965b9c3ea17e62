import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { promptMessages } from '../../support/toolcalls/prompt-messages.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Agent } from './agent.ts'

/** It is asked to read this, and what stands there must be in its answer. */
export const readPrompt = 'Read hello.txt and tell me what is in it'
export const fileText = 'the port is 8411'
export const townPrompt = 'What is the capital of France?'
export const town = 'Paris.'

export interface RunningAgent {
  /** Where it lives and works. */
  readonly home: string
  readonly engine: SimulatedEngine
  /** The chats that its engine was asked for, parsed; titles go to another. */
  readonly asked: readonly unknown[]
  /** Lets it work and resolves with what it prints; rejects when it fails. */
  readonly run: (args: readonly string[]) => Promise<string>
}

interface AgentOptions {
  readonly agent: Agent
  readonly program: string
  readonly keep: <Kept extends { close: () => Promise<unknown> }>(resource: Kept) => Kept
  readonly contextLength?: number
  /** False: the model only speaks plain text. */
  readonly toolTemplate?: boolean
  /** What the model says; else it reads the file and names the town. */
  readonly play?: (json: unknown, home: string) => Script
  /** Awaited before each piece of a reply. */
  readonly beforePiece?: Script['beforePiece']
}

/** An engine that plays a model, one that plays a small one, a gateway before them, and an agent in a home of its own. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { agent, program, keep, contextLength = 200_000, toolTemplate, beforePiece } = options
  const home = temporaryFolder()
  const readCall = agent.readCall(join(home, 'hello.txt'))
  const play = options.play ?? ((json: unknown) => playModel(json, readCall))
  const asked: unknown[] = []
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      contextLength,
      toolTemplate,
      script: ({ path, text }) => {
        const body = parseForeignJson(text)
        if (path !== '/v1/chat/completions' && path !== '/completion') return undefined
        const json = path === '/completion' ? { messages: promptMessages(body) } : body
        asked.push(json)
        return { ...play(json, home), beforePiece }
      },
    }),
  )
  const small = keep(await startSimulatedEngine({ model: 'small', contextLength: 200_000 }))
  const gateway = keep(
    await startTestGateway(`
      backends:
        gpu: { url: "${engine.url}", kind: llama.cpp }
        small: { url: "${small.url}", kind: llama.cpp }
      dialects: { keep_alive: { interval: 300ms } }
    `),
  )
  const place = { home, url: gateway.url }
  for (const [path, text] of Object.entries({ 'hello.txt': `${fileText}\n`, ...agent.files(place) })) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const env = { PATH: process.env['PATH'], HOME: home, ...loopbackOnly, ...agent.env(place) }
  return { home, engine, asked, run: (args) => runProgram(program, args, { home, env }) }
}

/** Whatever they would say to the world goes to a port where nobody listens. */
const loopbackOnly = {
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1,localhost',
}

const runTimeoutMs = 40_000

function runProgram(
  program: string,
  args: readonly string[],
  { home, env }: { readonly home: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd: home, env, timeout: runTimeoutMs }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
    )
    child.stdin?.end()
  })
}

/** Names the town when that was asked last; else reads the file, and then says what it read. */
function playModel(json: unknown, readCall: ReturnType<Agent['readCall']>): Script {
  const messages = listAt(json, 'messages')
  const lastWith = (text: string) => messages.findLastIndex((message) => JSON.stringify(message).includes(text))
  const wish = lastWith(readPrompt)
  if (lastWith(townPrompt) >= wish) return { content: town }
  const result = messages.findLast((message, at) => at > wish && textAt(message, 'role') === 'tool')
  if (result !== undefined) return { reasoning: 'Now I know.', content: `It says: ${textAt(result, 'content') ?? ''}` }
  return { reasoning: 'I should read it.', content: 'I will read it.', toolCalls: [readCall] }
}
