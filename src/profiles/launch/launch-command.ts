import { LlmrError } from '../../core/error.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { binaryOf, weightParts } from '../launch-profile.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import { splitWords } from '../split-words.ts'
import { llamaServerFlags, llamaServerWords } from './llama-server-words.ts'
import { fillRuntimeMacros } from './runtime-macros.ts'
import { vllmWords } from './vllm-words.ts'

/** How to run one model at one port: what `lifecycle` calls a launch plan. */
export interface LaunchCommand {
  readonly name: string
  /** Program and arguments; never read by a shell. */
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Address at which this machine reaches the engine. */
  readonly host: string
  readonly port: number
  readonly url: string
  /** Absent: ready as soon as it runs. */
  readonly readyUrl?: string
  readonly readyTimeoutMs: number
  readonly stop: {
    /** `${PID}` in it becomes the process' id. */
    readonly command?: readonly [string, ...string[]]
    readonly signal: NodeJS.Signals
    readonly timeoutMs: number
  }
  readonly drainTimeoutMs: number
  readonly log: { readonly folder?: string }
  readonly pools: readonly string[]
  readonly weights: { readonly files: readonly string[]; readonly isDirectIo: boolean }
  /** Where it can save conversations; absent where it was not started for it. */
  readonly slotFolder?: string
  readonly sleep?: { readonly level: 1 | 2 }
}

export interface LaunchContext {
  /** Put in for `${PORT}`; a profile's own fixed port counts above it. */
  readonly port: number
  /** The flags of the binary that is launched; those llmr knows where it cannot be asked. */
  readonly flags: FlagTable
  /** Where conversations may be kept while a model is out of memory. */
  readonly slotFolder?: string
  /** Time for requests at work before a stop that was asked for. */
  readonly drainTimeoutMs?: number
}

const drainTimeoutMs = 30_000

/**
 * The command line of a profile.
 *
 * @throws LlmrError `invalid_request` for a command that is no list of words, which `llmr profiles validate` finds too.
 */
export function launchCommand(profile: LaunchProfile, context: LaunchContext): LaunchCommand {
  const port = profile.port ?? context.port
  const fill = (text: string): string => fillRuntimeMacros(text, { PORT: port })
  const host = reachableHost(profile.host)
  const url = fill(profile.proxy ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(/\/+$/, '')
  const { ready, stop, cwd, logFolder, sleepLevel } = profile
  const slotFolder = savesSlots(profile) ? context.slotFolder : undefined
  const stopCommand = stop.command === undefined ? undefined : wordsOf(stop.command, `${profile.name}: stop.command`)

  return {
    name: profile.name,
    argv: programOf(profile, { ...context, port }, fill),
    env: { ...engineEnvironment(profile), ...mapValues(profile.env, fill) },
    ...(cwd !== undefined && { cwd }),
    host,
    port,
    url,
    ...(ready.path !== 'none' && { readyUrl: url + ready.path }),
    readyTimeoutMs: ready.timeoutMs,
    stop: {
      ...(stopCommand && { command: mapWords(stopCommand, fill) }),
      signal: stop.signal,
      timeoutMs: stop.timeoutMs,
    },
    drainTimeoutMs: context.drainTimeoutMs ?? drainTimeoutMs,
    log: { ...(logFolder !== undefined && { folder: logFolder }) },
    pools: profile.pools,
    weights: { files: weightFiles(profile), isDirectIo: readsDirectly(profile, context.flags) },
    ...(slotFolder !== undefined && { slotFolder }),
    ...(sleepLevel !== undefined && { sleep: { level: sleepLevel } }),
  }
}

function savesSlots({ engine, savesSlots: isWanted }: LaunchProfile): boolean {
  return engine === 'llama-server' && isWanted
}

function programOf(
  profile: LaunchProfile,
  context: LaunchContext,
  fill: (text: string) => string,
): readonly [string, ...string[]] {
  const program = binaryOf(profile) ?? ''
  switch (profile.engine) {
    case 'llama-server':
      return mapWords([program, ...llamaServerWords(profile, context), ...profile.args], fill)
    case 'vllm':
      return mapWords([program, ...vllmWords(profile, context), ...profile.args], fill)
    case 'command': {
      const [first, ...rest] = wordsOf(profile.command ?? '', `${profile.name}: command`)
      return mapWords([first, ...rest, ...profile.args], fill)
    }
  }
}

function wordsOf(command: string | readonly string[], what: string): readonly [string, ...string[]] {
  const split = typeof command === 'string' ? splitWords(command) : { words: command }
  const [first, ...rest] = split.problem === undefined ? split.words : []
  if (first !== undefined && first !== '') return [first, ...rest]
  throw new LlmrError('invalid_request', `${what}: ${split.problem ?? 'expected a program, got nothing'}`)
}

function mapWords([first, ...rest]: readonly [string, ...string[]], change: (word: string) => string) {
  return [change(first), ...rest.map(change)] as const satisfies readonly [string, ...string[]]
}

function mapValues(record: Readonly<Record<string, string>>, change: (value: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** An engine that binds every address is reached over loopback: the wildcard is no address to connect to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1'
  return host === '::' || host === '[::]' ? '::1' : host.replace(/^\[|\]$/g, '')
}

/** vLLM has `/sleep` and `/wake_up` only in this mode. */
function engineEnvironment({ engine, sleepLevel }: LaunchProfile): Readonly<Record<string, string>> {
  return engine === 'vllm' && sleepLevel !== undefined ? { VLLM_SERVER_DEV_MODE: '1' } : {}
}

/** Read at a load, so worth having in the page cache before it. Which files a reference or a folder means is not known. */
function weightFiles({ model, mmproj, draft }: LaunchProfile): readonly string[] {
  return [model, mmproj, draft?.model]
    .filter((file) => file !== undefined)
    .filter((file) => /\.gguf$/i.test(file))
    .flatMap(weightParts)
}

function readsDirectly(profile: LaunchProfile, table: FlagTable): boolean {
  if (profile.engine !== 'llama-server') return false
  return llamaServerFlags(profile, table).flags.some(({ key, value }) => {
    return (key === 'load-mode' && value === 'dio') || (key === 'direct-io' && value === true)
  })
}
