import type { FlagValue } from './flags/flag-value.ts'

/** How to launch one model, as the operator described it: inheritance and macros worked out, defaults filled in. */
export interface LaunchProfile {
  readonly name: string
  readonly engine: 'llama-server' | 'vllm' | 'command'
  /** The program, by path or by a name in PATH; the engine's usual name when absent. */
  readonly binary?: string
  /** For engine `command`: a list of words, or a text of words with quotes as a shell has them. */
  readonly command?: string | readonly string[]
  /** Path of a .gguf file, a folder, or a Hugging Face reference. */
  readonly model?: string
  readonly mmproj?: string
  readonly draft?: DraftModel
  /** Tokens that one request may use in all. */
  readonly context?: number
  /** Requests worked on at once, each with the whole context. */
  readonly parallel?: number
  readonly kvCache?: { readonly k?: string; readonly v?: string }
  readonly gpuLayers?: number | 'all' | 'auto'
  readonly flags: Readonly<Record<string, FlagValue>>
  /** Passed on as they are. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Address the engine binds. */
  readonly host: string
  /** Absent: a free one at each start. */
  readonly port?: number
  readonly proxy?: string
  readonly ready: { /** `none`: as soon as it runs. */ readonly path: string; readonly timeoutMs: number }
  readonly stop: {
    readonly command?: string | readonly string[]
    readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP'
    readonly timeoutMs: number
  }
  readonly logFolder?: string
  /** Pools of memory that it fills. */
  readonly pools: readonly string[]
  /** For vllm: put to sleep instead of being ended. */
  readonly sleepLevel?: 1 | 2
  /** For llama-server: conversations are saved before a swap. */
  readonly savesSlots: boolean
}

export interface DraftModel {
  readonly model?: string
  readonly gpuLayers?: number
  /** Tokens drafted in one step. */
  readonly max?: number
  readonly min?: number
}

/** The name of the program where a profile names none. */
export function binaryOf({ engine, binary }: Pick<LaunchProfile, 'engine' | 'binary'>): string | undefined {
  return binary ?? (engine === 'command' ? undefined : engine)
}

/** Weights on this machine, against a reference to a hub that the engine resolves itself. */
export function isWeightsFile(model: string): boolean {
  return /\.gguf$/i.test(model) || model.startsWith('/')
}

const shardsMax = 1_000

/** All parts of weights that are split as `name-00001-of-00003.gguf`; a model in one file is itself. */
export function weightParts(model: string): readonly string[] {
  const [, stem = '', total = ''] = /^(.*-)00001-of-(\d{5})\.gguf$/.exec(model) ?? []
  if (stem === '') return [model]
  const count = Math.min(Number(total), shardsMax)
  return Array.from({ length: count }, (_, index) => `${stem}${String(index + 1).padStart(5, '0')}-of-${total}.gguf`)
}
