import { once } from 'node:events'
import { createWriteStream, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import type { LaunchPlan, ModelLaunch } from '../../../src/lifecycle/launch-plan.ts'
import { openEngineConnection } from '../../../src/lifecycle/engine-connection.ts'
import { SlotKeeper } from '../../../src/lifecycle/slots/slot-keeper.ts'
import { realLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { listen } from '../../support/listen.ts'
import { engine, isRunning, supervise } from './engines.ts'

const server = await realLlamaServer()
const binary = 'path' in server ? server.path : ''

describe.skipIf('skip' in server)('the real llama-server', () => {
  function llama(name: string, flags: readonly string[], plan: Partial<LaunchPlan> = {}): ModelLaunch {
    const launch = engine('', { name, ...plan })
    return {
      ...launch,
      planFor: (port) => ({
        ...launch.planFor(port),
        argv: [binary, '--port', String(port), '-t', '1', ...flags],
      }),
    }
  }

  async function model(options: Parameters<typeof tinyGguf>[0] = {}): Promise<string> {
    const path = join(temporaryFolder(), 'tiny.gguf')
    const stream = createWriteStream(path)
    stream.end(tinyGguf(options))
    await once(stream, 'close')
    return path
  }

  test('takes turns: A, B and C each serve when it is their turn, and one at a time', async () => {
    const names = ['a', 'b', 'c']
    const files = await Promise.all(names.map((name, seed) => model({ name, seed })))
    const supervisor = await supervise(names.map((name, index) => llama(name, ['-m', files[index] ?? ''])))
    for (const name of names) {
      const { url, pid } = await supervisor.ensureReady(name)
      const reply = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], max_tokens: 4 }),
      })
      expect(reply.status).toBe(200)
      await supervisor.stop(name)
      expect(isRunning(pid)).toBe(false)
    }
    expect(supervisor.events.map(({ type }) => type)).toEqual(names.flatMap(() => ['loaded', 'stopped']))
  })

  test('says why it does not load: a flag that it does not know, no file, half a file', async () => {
    const half = join(temporaryFolder(), 'half.gguf')
    const whole = tinyGguf()
    writeFileSync(half, whole.subarray(0, whole.length / 2))
    const supervisor = await supervise([
      llama('flag', ['-m', half, '--no-such-flag']),
      llama('file', ['-m', '/nonexistent.gguf']),
      llama('half', ['-m', half]),
    ])
    for (const [name, code] of [
      ['flag', 'bad_flag'],
      ['file', 'missing_file'],
      ['half', 'corrupt_model'],
    ] as const) {
      await expect(supervisor.ensureReady(name)).rejects.toThrow(`(${code})`)
    }
  })

  test('that finds its port taken says so, though llmr did not look', async () => {
    const stranger = await listen(createServer((_, response) => response.writeHead(503).end()))
    onTestFinished(stranger.close)
    const launch = llama('port', ['-m', await model()])
    const supervisor = await supervise([
      { ...launch, planFor: (port) => ({ ...launch.planFor(port), argv: launch.planFor(stranger.port).argv }) },
    ])
    await expect(supervisor.ensureReady('port')).rejects.toThrow('(port_taken)')
  })

  test('remembers a conversation over a swap: the first request after it reads next to nothing again', async () => {
    const folder = temporaryFolder()
    const speeds = { diskBytesPerSecond: 1e12, prefillTokensPerSecond: 1 }
    const keeper = await SlotKeeper.open({ folder, bytesMax: 1e9, logger: silentLogger, speeds })
    const owner = { model: 'tiny', command: binary }
    const awaited = new Set<string>()
    const slots = [{ slotId: 0, conversation: 'talk', lastUse: 1 }]
    const connecting = async <Result>(
      ready: { readonly url: string; readonly model: string },
      ask: (connection: ReturnType<typeof openEngineConnection>) => Promise<Result>,
    ): Promise<Result> => {
      const connection = openEngineConnection({ name: ready.model, url: ready.url })
      try {
        return await ask(connection)
      } finally {
        await connection.destroy()
      }
    }
    const supervisor = await supervise(
      [llama('tiny', ['-m', await model(), '-c', '4096', '-np', '1', '--slot-save-path', `${folder}/`])],
      {
        hooks: {
          beforeStop: (ready, signal) =>
            connecting(ready, (connection) => keeper.save({ connection, owner, slots, signal })),
          afterReady: async (ready, signal) => {
            const restored = await connecting(ready, (connection) =>
              keeper.restore({ connection, owner, awaited, signal }),
            )
            restoredTokens.push(...restored.map(({ tokens }) => tokens))
          },
        },
      },
    )
    const restoredTokens: number[] = []
    const prompt = 'a word and another '.repeat(60)
    const complete = async (url: string): Promise<{ cache_n: number; prompt_n: number }> => {
      const body = JSON.stringify({ prompt, n_predict: 1, id_slot: 0, cache_prompt: true })
      const reply = await fetch(`${url}/completion`, { method: 'POST', body })
      return ((await reply.json()) as { timings: { cache_n: number; prompt_n: number } }).timings
    }
    const before = await complete((await supervisor.ensureReady('tiny')).url)
    await supervisor.stop('tiny')
    const after = await complete((await supervisor.ensureReady('tiny')).url)
    expect(before.cache_n).toBe(0)
    expect(restoredTokens[0]).toBeGreaterThanOrEqual(before.prompt_n)
    expect(after.prompt_n).toBeLessThan(before.prompt_n / 20)
  })
})

test('is needed for the tests above, which are skipped without it', ({ skip }) => {
  if ('skip' in server) skip(server.skip)
  expect(binary).not.toBe('')
})
