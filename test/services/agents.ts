import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A program that people let work for them, as npm has it. */
export interface AgentPackage {
  readonly name: string
  readonly package: string
  /** The one that is fetched; whoever names a program of their own gets what they named. */
  readonly version: string
  readonly command: string
  /** The variable that names a program of one's own. */
  readonly variable: string
}

/** Each is some hundred megabytes. */
const fetchTimeoutMs = 300_000

/**
 * The program and its version as it says it, or why there is none: the one that its variable names, else one from the
 * cache, into which npm fetches it when `LLMR_TEST_AGENTS` is `fetch`.
 */
export async function findAgent(
  agent: AgentPackage,
): Promise<{ readonly program: string; readonly version: string } | { readonly skip: string }> {
  const named = process.env[agent.variable]
  const isAsked = process.env['LLMR_TEST_AGENTS'] === 'fetch'
  if (named === undefined && !isAsked) return { skip: `without ${agent.variable} and outside of npm run test:clients` }
  const program = named ?? (await fetchAgent(agent).catch(reasonOf))
  if (typeof program !== 'string') return program
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 30_000 })
  return { program, version: /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim() }
}

/** npm says it in the line behind the command that failed. */
function reasonOf(error: unknown): { readonly skip: string } {
  const [first, second] = String(error).split('\n')
  return { skip: `could not be fetched: ${second || first}` }
}

async function fetchAgent({ package: name, version, command }: AgentPackage): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(cache, 'llmr-test/agents', `${command}-${version}`)
  const program = join(folder, 'node_modules/.bin', command)
  if (existsSync(program)) return program
  // What is there is whole: an install that was interrupted leaves its program, too.
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const options = ['--no-audit', '--no-fund', '--fetch-retries=1']
  const args = ['install', '--prefix', unfinished, ...options, `${name}@${version}`]
  await promisify(execFile)('npm', args, { cwd: unfinished, timeout: fetchTimeoutMs })
  renameSync(unfinished, folder)
  return program
}
