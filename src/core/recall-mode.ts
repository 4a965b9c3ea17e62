/** How much of what was said before a chat is given back to it; ordered, from nothing to most. */
export const recallModes = ['off', 'window', 'hybrid'] as const

export type RecallMode = (typeof recallModes)[number]

/** The one that gives least: whoever may say something about it can only take away. */
export function leastRecall(...modes: readonly RecallMode[]): RecallMode {
  return recallModes.find((mode) => modes.includes(mode)) ?? 'off'
}
