import { spawn } from 'node:child_process'
import { join } from 'node:path'

const launcher = join(import.meta.dirname, '../../bin/run.cjs')

export interface LlmrRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `llmr` as an operator does: a process of its own, and nothing of this machine's configuration. Variables given
 * as undefined are taken away.
 */
export function runLlmr(
  args: readonly string[],
  { env = {}, cwd = '/', stdin = '' }: { env?: NodeJS.ProcessEnv; cwd?: string; stdin?: string } = {},
): Promise<LlmrRun> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd, env: { ...bareEnvironment(), ...env } })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  child.stdin.on('error', () => undefined) // the command need not read it
  child.stdin.end(stdin)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() }))
  })
}

/** No file of the tester's own is found, and oclif writes plain text of a known width. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    NO_COLOR: '1',
    OCLIF_COLUMNS: '120',
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = []
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => chunks.push(chunk))
  return () => chunks.join('')
}
