import { systemClock } from '../core/clock.ts'
import type { Clock } from '../core/clock.ts'
import type { Fault } from './fault.ts'
import type { ReceivedRequest } from './request-log.ts'

/** How the simulated engine behaves. Every default suits a test: no waiting, one model, nothing broken. */
export interface SimulatedEngineOptions {
  readonly host?: string
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** The name it answers with; `simulated` by default. */
  readonly model?: string
  /** What `/props` reports as the file, for tests that look at it. */
  readonly modelPath?: string
  /** Tokens that one request may use in all (`n_ctx` in `/props`); 8192 by default. */
  readonly contextLength?: number
  /** Requests worked on at once; more wait for a slot. 4 by default. */
  readonly slots?: number
  /** Before it is over every path answers 503 `Loading model`. `Infinity` waits for `control.finishLoading()`. */
  readonly loadTimeMs?: number
  /** Prompt tokens a second; 2,000 by default. */
  readonly prefillRate?: number
  /** Reply tokens a second; 60 by default. */
  readonly decodeRate?: number
  /** Real milliseconds for each simulated one; 0, the default, never waits. */
  readonly timeScale?: number
  /** False: the chat template knows no tools, leaves them out, and fails at what they gave back. */
  readonly toolTemplate?: boolean
  readonly seed?: number
  /** Without it the embedding paths answer 501, as the engine does. */
  readonly embeddings?: boolean
  /** It says that it sees, as with a projector. What images show changes nothing. */
  readonly vision?: boolean
  readonly embeddingDimensions?: number
  readonly reranking?: boolean
  /** Asked for as a bearer token on every path when set. */
  readonly apiKey?: string
  /** Folder for `POST /slots/{id}?action=save`, which is 501 without it. */
  readonly slotSavePath?: string
  readonly faults?: readonly Fault[]
  /** Decides what a reply says; without a script, or when it returns undefined, the reply is composed. */
  readonly script?: (request: ReceivedRequest) => Script | undefined
  /** Receives what an engine would print to stderr, a line at a time. */
  readonly print?: (line: string) => void
  /** Called instead of `close()` when the fault `crash-at-load` strikes. */
  readonly onCrash?: () => void
  readonly clock?: Clock
}

/** What a test wants one reply to be. */
export interface Script {
  /** A list gives the exact pieces to stream; text is cut into tokens. */
  readonly content?: string | readonly string[]
  /** Streamed before the content, as `reasoning_content`. */
  readonly reasoning?: string
  readonly toolCalls?: readonly ScriptedToolCall[]
  /** Said instead of the reason that the reply's end had. */
  readonly finishReason?: string
  /** Awaited before each piece, counted from 0 over the whole reply: lets a test hold a stream where it wants it. */
  readonly beforePiece?: (index: number) => Promise<void> | undefined
}

export interface ScriptedToolCall {
  readonly name: string
  /** Text is sent as it is, so that broken arguments can be tried; anything else as JSON. */
  readonly arguments: unknown
}

/** The options with their defaults filled in. */
export interface EngineSettings {
  readonly host: string
  readonly port: number
  readonly model: string
  readonly modelPath: string
  readonly contextLength: number
  readonly slots: number
  readonly loadTimeMs: number
  readonly prefillRate: number
  readonly decodeRate: number
  readonly timeScale: number
  readonly toolTemplate: boolean
  readonly seed: number
  readonly embeddings: boolean
  readonly vision: boolean
  readonly embeddingDimensions: number
  readonly reranking: boolean
  readonly apiKey: string | undefined
  readonly slotSavePath: string | undefined
  readonly script: (request: ReceivedRequest) => Script | undefined
  readonly print: (line: string) => void
  readonly clock: Clock
}

export function engineSettings(options: SimulatedEngineOptions): EngineSettings {
  const model = options.model ?? 'simulated'
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    model,
    modelPath: options.modelPath ?? `${model}.gguf`,
    contextLength: options.contextLength ?? 8192,
    slots: options.slots ?? 4,
    loadTimeMs: options.loadTimeMs ?? 0,
    prefillRate: options.prefillRate ?? 2000,
    decodeRate: options.decodeRate ?? 60,
    timeScale: options.timeScale ?? 0,
    toolTemplate: options.toolTemplate ?? true,
    seed: options.seed ?? 1,
    embeddings: options.embeddings ?? false,
    vision: options.vision ?? false,
    embeddingDimensions: options.embeddingDimensions ?? 768,
    reranking: options.reranking ?? false,
    apiKey: options.apiKey,
    slotSavePath: options.slotSavePath,
    script: options.script ?? (() => undefined),
    print: options.print ?? (() => undefined),
    clock: options.clock ?? systemClock,
  }
}
