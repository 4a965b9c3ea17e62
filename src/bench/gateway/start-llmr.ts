import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { packageRoot } from '../../core/package-root.ts'
import { readGatewayFile } from '../../gateway/operating/gateway-file.ts'
import { benchModels } from './canned-replies.ts'
import { startProgram } from './start-program.ts'
import type { Program } from './start-program.ts'

export interface LlmrUnderTest {
  readonly program: Program
  readonly port: number
  readonly key: string
  /** Ends it and removes its files. */
  close(): Promise<void>
}

const readyTimeoutMs = 30_000

/** `llmr serve` as an operator would run it: one API key, metrics on, the access log in a file. */
export async function startLlmr(options: {
  readonly backendUrl: string
  readonly flags: readonly string[]
}): Promise<LlmrUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-'))
  const key = `llmr_${randomBytes(32).toString('base64url')}`
  const config = join(folder, 'llmr.yaml')
  writeFileSync(config, configText({ backendUrl: options.backendUrl, key, logFile: join(folder, 'access.log') }))
  const program = startProgram({
    file: join(packageRoot(), 'bin/run.cjs'),
    arguments: ['serve', '--config', config],
    flags: options.flags,
    environment: { LLMR_DATA: folder },
  })
  const close = async (): Promise<void> => {
    await program.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return { program, port: await portOf(program, folder), key, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** JSON is YAML, and needs no care with quotes. */
function configText(facts: { readonly backendUrl: string; readonly key: string; readonly logFile: string }): string {
  const sha256 = createHash('sha256').update(facts.key).digest('hex')
  return JSON.stringify({
    listen: { port: 0 },
    auth: { keys: [{ name: 'bench', sha256 }] },
    backends: { bench: { url: facts.backendUrl, kind: 'openai', models: benchModels } },
    telemetry: { log: { file: facts.logFile, format: 'json' } },
  })
}

/** The gateway leaves word of its address in its data folder when it is ready. */
async function portOf(program: Program, dataFolder: string): Promise<number> {
  const deadline = performance.now() + readyTimeoutMs
  for (;;) {
    const file = readGatewayFile(dataFolder)
    if (file !== undefined) return Number(new URL(file.url).port)
    if (performance.now() > deadline) throw new Error(`llmr was not ready within ${readyTimeoutMs} ms.`)
    await program.call('read') // fails with its last words as soon as it has ended
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
