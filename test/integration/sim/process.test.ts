import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { describe, expect, onTestFinished, test } from 'vitest'

import { ask } from './ask.ts'

const program = join(import.meta.dirname, '../../../bin/run.cjs')

function run(flags: string) {
  const child = spawn(process.execPath, [program, 'sim', '--port', '0', ...flags.split(' ')])
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => (output.stdout += bytes))
  child.stderr.on('data', (bytes) => (output.stderr += bytes))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    child,
    output,
    nextLine: async (): Promise<string> => (await lines.next()).value ?? '',
    ended: once(child, 'close').then(([code]: unknown[]) => code),
  }
}

describe('llmr sim', () => {
  test('can be launched as if it were llama-server, says where it answers, and ends cleanly', async () => {
    const { child, nextLine, ended, output } = run(
      '-m /models/tiny.gguf -c 4096 -np 2 -ngl 99 --embeddings --time-scale 0',
    )
    const line = await nextLine()
    const [, url = ''] = /^The simulated engine answers on (\S+)$/.exec(line) ?? []
    expect((await ask(`${url}/props`)).body).toMatchObject({
      default_generation_settings: { n_ctx: 2048 },
      total_slots: 2,
      model_alias: 'tiny.gguf',
      model_path: '/models/tiny.gguf',
    })
    expect(await ask(`${url}/v1/embeddings`, { input: 'x' })).toMatchObject({ status: 200 })
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(output.stderr).toBe(`simulated engine: listening on ${url}, loading its model\n`)
  })

  test('stays when a fault has it ignore SIGTERM, and --json is a line for each state', async () => {
    const { child, nextLine, ended, output } = run('--json --fault ignore-sigterm:times=1')
    const line = await nextLine()
    expect(JSON.parse(line)).toEqual({ schema: 'llmr/sim/1', state: 'ready', url: expect.any(String), pid: child.pid })
    child.kill('SIGTERM')
    await expect.poll(() => output.stderr).toContain('SIGTERM ignored')
    expect(await ask(`${JSON.parse(line).url}/health`)).toMatchObject({ status: 200 })
    child.kill('SIGTERM')
    expect(JSON.parse(await nextLine())).toEqual({ schema: 'llmr/sim/1', state: 'stopped', requests: 1 })
    expect(await ended).toBe(0)
  })

  test('that crashes while it loads prints why and exits 1', async () => {
    const { ended, output } = run('--fault crash-at-load:text=cudaMalloc')
    expect(await ended).toBe(1)
    expect(output.stderr).toMatch(/^cudaMalloc$/m)
    expect(output.stdout).toBe('')
  })

  test.each([
    ['--fault bogus', /Expected a fault with a "type"/],
    ['--load-time 5', /--load-time: expected a duration/],
    ['--time-scale fast', /--time-scale: expected a number from 0 up; got fast/],
  ])('%s is a mistake, told and exit 2', async (flags, message) => {
    const { ended, output } = run(flags)
    expect(await ended).toBe(2)
    expect(output.stderr).toMatch(message)
  })
})
