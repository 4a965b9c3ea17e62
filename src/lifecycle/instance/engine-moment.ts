/**
 * A moment in the life of one model's engine, told as it comes, for whoever takes a swap apart. Those of an engine that
 * goes, in this order:
 *
 * - `draining`: it is asked to go; what it has in hand ends first
 * - `saving`: nothing is at work on it; what it knows of its conversations may be kept
 * - `signalled`: it is asked to end
 * - `exited`: none of its processes is left
 * - `freed`: its memory has been seen free, and all that its start took has been given back
 *
 * and of one that comes:
 *
 * - `starting`: it is wanted; a port and a log are taken
 * - `spawned`: its process runs
 * - `answering`: its port answers, whatever it says
 * - `loaded`: its first good answer; what it knew of its conversations may be put back
 * - `ready`: requests are sent to it from now on
 */
export type EngineMomentName =
  | 'draining'
  | 'saving'
  | 'signalled'
  | 'exited'
  | 'freed'
  | 'starting'
  | 'spawned'
  | 'answering'
  | 'loaded'
  | 'ready'

export interface EngineMoment {
  readonly model: string
  readonly name: EngineMomentName
  /** Monotonic. */
  readonly atMs: number
  /** Where it answers, once that is known. */
  readonly url?: string
}
