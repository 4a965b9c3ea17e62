/** Something that llmr did to a reply. Nothing is done without one. */
export interface ReplyIntervention {
  readonly kind: ReplyInterventionKind
  /** Counts, no content: for timelines and logs. */
  readonly detail: string
}

export const replyInterventionKinds = [
  /** Calls did not fit their tools, and the model was told so. */
  'call-asked-again',
  /** Those that came then did. */
  'call-put-right',
  /** They go to the client with what is wrong about them. */
  'call-left-wrong',
  /** It called tools although it was offered none. */
  'calls-left-out',
  /** It said one thing over and over, and was cut. */
  'content-loop',
  /** The engine cut it by length, and was asked to go on. */
  'continued',
  /** It had no need of its tools any more, and was asked for the shape that the client wants. */
  'schema-pass',
  /** That shape did not come of it either. */
  'schema-missed',
  /** A small model wrote a plan, which goes with the request. */
  'planned',
  /** The model repeated it, and that was left out. */
  'plan-kept-back',
] as const

export type ReplyInterventionKind = (typeof replyInterventionKinds)[number]
