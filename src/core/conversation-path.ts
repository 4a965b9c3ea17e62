/** One round, question and answer, on the path from the root of a conversation to a reply. */
export interface PathRound {
  /** The id of the reply in it. */
  readonly reply: string
  /** Turns from the root to this one; not every turn has a round. */
  readonly depth: number
  readonly tokens: number
  /** Of what was said in it: another one when that has changed. */
  readonly digest: string
}

export interface SpokenRound {
  readonly userText: string
  readonly replyText: string
}

/** What stands for the rounds from one depth to another, both included. */
export interface PathSummary {
  /** The last reply in it: every branch that goes on from there shares it. */
  readonly uptoReply: string
  /** 1: made of rounds; others: of summaries of the level below. */
  readonly level: number
  readonly fromDepth: number
  readonly uptoDepth: number
  /** Of the words with which it was asked for. */
  readonly promptVersion: number
  /** Digest of what it was made of, in hex. */
  readonly source: string
  readonly text: string
  readonly tokens: number
}
