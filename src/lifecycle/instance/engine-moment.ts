/**
 * A moment in the life of one model's engine, told as it comes, for whoever takes a swap apart. Those of an engine that
 * goes, in this order:
 *
 * - `draining`: it is asked to go; what it has in hand ends first
 * - `saving`: nothing is at work on it; what it knows of its conversations may be kept
 * - `saved`: that is done; what it holds of its memory is looked at before it ends
 * - `signalled`: it is asked to end, or to sleep
 * - `exited`: none of its processes is left, or it sleeps
 * - `freed`: its memory has been seen free, and all that its start took has been given back
 *
 * and of one that comes:
 *
 * - `starting`: it is wanted; a port and a log are taken, or it is woken
 * - `spawned`: its process runs
 * - `answering`: its port answers, whatever it says
 * - `loaded`: its first good answer; what it knew of its conversations may be put back
 * - `ready`: requests are sent to it from now on
 */
export type EngineMomentName =
  | 'draining'
  | 'saving'
  | 'saved'
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
