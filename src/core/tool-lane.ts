/**
 * How tools reach a model. `native`: the engine tells it of them and reads its calls. `checked`: the engine does, and llmr
 * reads what it leaves in the text. `raw`: the engine's own template tells the model, but the prompt is sent as text, and
 * llmr reads the reply. `injected`: llmr tells the model in plain text. `final`: not at all, it has to answer.
 */
export const toolLanes = ['native', 'checked', 'raw', 'injected', 'final'] as const

export type ToolLane = (typeof toolLanes)[number]

export function isToolLane(word: unknown): word is ToolLane {
  return toolLanes.some((lane) => lane === word)
}

/** The lane that a model is on, and what put it there. */
export interface LaneVerdict {
  readonly lane: ToolLane
  /** In a few words, for operators. */
  readonly reason: string
  /** Milliseconds since the epoch at which it was found. */
  readonly atMs: number
}
