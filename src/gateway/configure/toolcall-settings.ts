import type { ToolcallsConfig } from '../../config/schema.ts'
import { globMatcher, isGlob } from '../../core/glob.ts'
import type { ToolLane } from '../../core/tool-lane.ts'
import type { RequestKind } from '../../core/request-record.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import { classicPreset, type LoopOptions, progressPreset } from '../../toolcalls/loop/loop-options.ts'
import { noCare, type RequestCare } from '../../toolcalls/prepare/prepare-request.ts'

export type GuardPreset = ToolcallsConfig['guard']

/**
 * What is done to a request with tools for this model.
 *
 * @param asked of the request itself: `off` leaves everything as it came, a preset counts above the configured one
 */
export function requestCare(config: ToolcallsConfig, model: string, asked?: GuardPreset): RequestCare {
  if (asked === 'off') return noCare
  const settings = settingsFor(config, model)
  const preset = asked ?? settings.guard
  return {
    repairs: settings.repair,
    hints: settings.hint,
    guard: preset === 'off' ? undefined : loopOptions(preset, settings),
  }
}

/**
 * The same for one kind of request: a title is asked for over the whole history, but nobody goes on with the task in it.
 */
export function careForKind(care: RequestCare, kind: RequestKind): RequestCare {
  return kind === 'background' ? { ...noCare, repairs: care.repairs } : care
}

/** `undefined` for a header that is not there, or says something else: a slip must not switch the guard off. */
export function askedGuard(header: string | string[] | undefined): GuardPreset | undefined {
  return header === 'off' || header === 'classic' || header === 'progress' ? header : undefined
}

/** What is done to replies. */
export interface ReplyCare {
  /** How often calls that do not fit their tools are asked for once more. */
  readonly repairs: number
  /** A stream that says one thing over and over is cut. */
  readonly cutsChants: boolean
  /** Tools and a shape for the answer in one request are asked for one after the other. */
  readonly splitsSchemas: boolean
  /** How often a reply that was cut by length is gone on with, and up to how many tokens. */
  readonly continuation: { readonly rounds: number; readonly tokens: number }
}

const noReplyCare: ReplyCare = {
  repairs: 0,
  cutsChants: false,
  splitsSchemas: false,
  continuation: { rounds: 0, tokens: 0 },
}

/**
 * @param names the model's: what the client asked for, and the engine's own
 * @param asked the header `x-llmr-guard`: `off` leaves a reply as it came
 */
export function replyCare(
  config: ToolcallsConfig,
  names: readonly (string | undefined)[],
  asked: string | string[] | undefined,
): ReplyCare {
  if (askedGuard(asked) === 'off') return noReplyCare
  const settings = settingsOfAny(config, names)
  return {
    repairs: settings.repair_calls,
    cutsChants: settings.cut_chants,
    splitsSchemas: settings.split_schemas,
    continuation: { rounds: settings.continue_rounds, tokens: settings.continue_tokens },
  }
}

/** Who drafts plans for requests to this model, if anybody does. */
export function plannerFor(
  config: ToolcallsConfig,
  name: string,
): { readonly model: string; readonly timeoutMs: number; readonly maxTokens: number } | undefined {
  const { planner } = config
  if (planner === undefined || config.models[settingsKeyFor(config, name) ?? '']?.plan === false) return undefined
  return { model: planner.model, timeoutMs: planner.timeout, maxTokens: planner.max_tokens }
}

/**
 * The lane that the operator chose for a model; `undefined`: it is chosen by what is known of the model.
 *
 * @param names the model's: what the client asked for, and the engine's own
 */
export function configuredLane(config: ToolcallsConfig, names: readonly (string | undefined)[]): ToolLane | undefined {
  const { lane } = settingsOfAny(config, names)
  return lane === 'auto' ? undefined : lane
}

/** Of the first name that has settings of its own. */
function settingsOfAny(config: ToolcallsConfig, names: readonly (string | undefined)[]) {
  const named = names.find((name) => name !== undefined && settingsKeyFor(config, name) !== undefined)
  return settingsFor(config, named ?? '')
}

function settingsFor(config: ToolcallsConfig, model: string) {
  return { ...config, ...withoutUndefined(config.models[settingsKeyFor(config, model) ?? ''] ?? {}) }
}

function settingsKeyFor({ models }: ToolcallsConfig, model: string): string | undefined {
  if (Object.hasOwn(models, model)) return model
  const globs = Object.keys(models).filter((key) => isGlob(key) && globMatcher([key])(model))
  return globs.sort((left, right) => right.length - left.length)[0]
}

function loopOptions(
  preset: Exclude<GuardPreset, 'off'>,
  { repeat_threshold, max_turns }: Pick<ToolcallsConfig, 'repeat_threshold' | 'max_turns'>,
): LoopOptions {
  const usual = preset === 'classic' ? classicPreset : progressPreset
  return {
    preset,
    repeatThreshold: repeat_threshold ?? usual.repeatThreshold,
    maxTurns: max_turns ?? usual.maxTurns,
    softTurns: max_turns === undefined ? usual.softTurns : Math.ceil(max_turns / 2),
  }
}
