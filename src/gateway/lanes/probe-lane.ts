import { adapterOf } from '../../backends/adapter-of.ts'
import { openApi } from '../../backends/describe-backend.ts'
import { tryTools } from '../../backends/tools/try-tools.ts'
import type { ToolFacts } from '../../core/tool-facts.ts'
import { formatOfFacts } from '../../toolcalls/lane/format-of-facts.ts'
import { judgeTrials, type TrialVerdict } from '../../toolcalls/lane/judge-trials.ts'
import type { LaneBackend } from './lane-backend.ts'

export interface LaneProbe {
  readonly model: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Lets a model show what it makes of tools. The model must be in memory: this does not load it, and asks nobody's cloud.
 *
 * @returns undefined where the engine has no chats, or answered none of them
 * @throws BackendFailure when the engine does not answer; the signal's reason when it was given up
 */
export async function probeLane(
  { settings, description, connection }: LaneBackend,
  facts: ToolFacts | undefined,
  { model, timeoutMs, signal }: LaneProbe,
): Promise<TrialVerdict | undefined> {
  const adapter = adapterOf(description?.kind ?? settings.kind)
  const path = adapter.path('chat')
  if (facts?.rendersTools === false) return { lane: 'injected', reason: 'the chat template leaves tools out' }
  if (path === undefined) return undefined
  const trials = await tryTools(openApi(connection, { timeoutMs, signal }), { model, path })
  return judgeTrials(trials, {
    format: formatOfFacts(facts ?? {}, model).format,
    takesPrompts: facts?.takesPrompts === true && adapter.prompted !== undefined,
    rendersTools: facts?.rendersTools,
  })
}
