/** `background` is what clients ask for on their own account (titles, tags), or what a caller has marked as able to wait. */
export const lanes = ['interactive', 'background'] as const

export type Lane = (typeof lanes)[number]

/** How much less a background request's waiting counts, and how much longer it waits before it is overdue. */
const backgroundFactor = 4

/** What a lane makes of a request's weight. */
export function laneWeight(lane: Lane): number {
  return lane === 'background' ? 1 / backgroundFactor : 1
}

/** How long a request of this lane waits until it is overdue, in milliseconds. */
export function patienceMs(lane: Lane, maxWaitMs: number): number {
  return lane === 'background' ? backgroundFactor * maxWaitMs : maxWaitMs
}
