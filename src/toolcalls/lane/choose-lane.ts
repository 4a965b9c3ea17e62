import type { ToolLane } from '../../core/tool-lane.ts'
import type { LaneRecord } from './lane-record.ts'

export interface LaneEvidence {
  /** The engine says of the model that it takes tools, or does not. */
  readonly claimsTools: boolean | undefined
  /** Tools were seen in a prompt, or were not. */
  readonly rendersTools: boolean | undefined
  readonly record: LaneRecord | undefined
}

/**
 * The lane for a model, most certain first: what its prompts show, what traffic has shown, what a probe has shown, and what
 * the engine says of itself.
 */
export function chooseLane({ claimsTools, rendersTools, record }: LaneEvidence): {
  readonly lane: ToolLane
  readonly reason: string
  /** Since when it is known, where that is remembered. */
  readonly atMs?: number
} {
  if (rendersTools === false) return { lane: 'injected', reason: 'the chat template leaves tools out' }
  if (claimsTools === false && rendersTools === undefined) {
    return { lane: 'injected', reason: 'the chat template leaves tools out' }
  }
  if (record?.learnt !== undefined) return record.learnt
  if (record?.probed !== undefined) return record.probed
  if (rendersTools === true) return { lane: 'native', reason: 'the chat template shows tools' }
  return { lane: 'native', reason: claimsTools === true ? 'the engine takes tools' : 'nobody has said otherwise' }
}
