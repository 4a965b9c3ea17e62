import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { estimateMemory } from '../../../src/profiles/fit/estimate-memory.ts'
import { readGguf } from '../../../src/profiles/fit/read-gguf.ts'
import { knownFlags } from '../../../src/profiles/flags/known-flags.ts'
import { readBinaryFlags } from '../../../src/profiles/flags/read-binary-flags.ts'
import { launchCommand } from '../../../src/profiles/launch/launch-command.ts'
import { realLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { profileOf } from '../../support/launch-profile.ts'
import { listen } from '../../support/listen.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const real = await realLlamaServer()
const binary = 'path' in real ? real.path : ''
const reason = 'skip' in real ? ` (skipped: ${real.skip})` : ''

async function freePort(): Promise<number> {
  const { port, close } = await listen(createServer())
  await close()
  return port
}

/** Runs the command until it answers where it says it will, and gives what it printed until then. */
async function runUntilReady(plan: ReturnType<typeof launchCommand>): Promise<string> {
  const [program, ...args] = plan.argv
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on('line', (line) => {
        lines.push(line)
        if (line.includes('listening on')) resolve()
      })
    }
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`left with ${code}:\n${lines.slice(-10).join('\n')}`)))
  })
  return lines.join('\n')
}

test.skipIf(binary === '')(
  `flags written in last year's words launch this year's binary, and it answers where it is looked for (N4.2)${reason}`,
  async () => {
    const model = join(temporaryFolder(), 'tiny.gguf')
    writeFileSync(model, tinyGguf())
    const flags = await readBinaryFlags(binary)
    if (flags === undefined) throw new Error('its help was not read')
    const profile = profileOf({
      binary,
      model,
      context: 512,
      parallel: 2,
      gpu_layers: 'all',
      save_slots: true,
      flags: {
        n_threads: 1,
        no_mmap: true,
        mlock: 'off',
        flash_attention: true,
        'cont-batching': 'yes',
        no_warmup: true,
        metrics: true,
        webui: false,
        n_batch: 256,
        verbosity: 4,
        'kv-unified': false,
      },
    })
    const plan = launchCommand(profile, { port: await freePort(), flags, slotFolder: temporaryFolder() })
    const output = await runUntilReady(plan)

    expect((await fetch(plan.readyUrl ?? '')).status).toBe(200)
    expect(await (await fetch(`${plan.url}/v1/models`)).json()).toMatchObject({ data: [{ id: 'mine' }] })
    expect(await (await fetch(`${plan.url}/slots`)).json()).toMatchObject([{ n_ctx: 512 }, { n_ctx: 512 }])
    expect((await fetch(`${plan.url}/metrics`)).status).toBe(200)

    // The cache that was estimated is the one that it makes: 2 slots, 64 numbers in K and in V, 2 bytes each.
    const settings = {
      context: 512,
      parallel: 2,
      kvTypes: { k: 'f16', v: 'f16' },
      gpuLayers: 99,
      cpuExperts: 0,
      microBatch: 512,
      besideBytes: 0,
    }
    const { kvBytes } = estimateMemory(await readGguf(model), settings)
    expect(kvBytes).toBe(2 * 512 * (64 + 64) * 2)
    const printed = /KV buffer size\s*=\s*([\d.]+) MiB/.exec(output)?.[1]
    expect(Number(printed)).toBeCloseTo(kvBytes / 1024 ** 2, 1)
  },
)

test.skipIf(binary === '')(
  `a help that was read is not asked for again, and most of what llmr knows by itself is in it${reason}`,
  async () => {
    const [first, second] = await Promise.all([readBinaryFlags(binary), readBinaryFlags(binary)])
    expect(first?.flags.length).toBeGreaterThan(150)
    expect(second).toBe(first)
    const known = knownFlags().flags.flatMap(({ names }) => names)
    const missing = known.filter((name) => first?.find(name) === undefined)
    expect(missing.length).toBeLessThan(known.length / 4)
  },
)

test('a program that is not there, or has no help, has no flags', async () => {
  expect(await readBinaryFlags('/nonexistent/llama-server')).toBeUndefined()
  expect(await readBinaryFlags('no-such-program-anywhere')).toBeUndefined()
  expect(await readBinaryFlags(process.execPath.replace(/node$/, 'nothing'))).toBeUndefined()
  expect(await readBinaryFlags('true')).toBeUndefined()
})
