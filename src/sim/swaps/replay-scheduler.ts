/** What decides in a replay. The gateway's scheduler is one; any other that answers these events with these effects is too. */
export interface ReplayScheduler {
  readonly handle: (event: ReplayEvent) => readonly ReplayEffect[]
}

export type ReplayEvent = { readonly nowMs: number } & (
  | {
      readonly type: 'arrive'
      readonly requestId: string
      readonly model: string
      readonly lane: 'interactive'
      readonly principal: string
      readonly weight: number
      readonly deadlineMs: number
    }
  | { readonly type: 'finished'; readonly requestId: string }
  | { readonly type: 'loaded'; readonly model: string; readonly loadMs: number }
  | { readonly type: 'stopped'; readonly model: string }
  /** What a load would take now, by what is in the page cache. */
  | { readonly type: 'estimated'; readonly model: string; readonly loadMs: number }
  | { readonly type: 'tick' }
)

export type ReplayEffect =
  | { readonly type: 'serve'; readonly requestId: string }
  | { readonly type: 'start'; readonly model: string }
  | { readonly type: 'stop'; readonly model: string }
  | { readonly type: 'prefetch'; readonly models: readonly string[] }
  | { readonly type: 'refuse'; readonly requestId: string; readonly message: string }
  | { readonly type: 'wakeAt'; readonly atMs: number }
  | { readonly type: 'policyFailed'; readonly message: string }
