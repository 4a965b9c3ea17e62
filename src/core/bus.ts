/** A fact that is published after the reply, for whoever works on it later. */
export interface BusEvent {
  /** Derived from the request id that llmr minted. The same id published again is the same event, and counts once. */
  readonly id: string
  /** Words with dots between them: `pipeline.knowledge.chat.persist`. */
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  /** Whatever JSON can hold. */
  readonly body: unknown
}

/** An event lent to one consumer, until it is settled or the time for that is over. */
export interface Delivery {
  readonly event: BusEvent
  /** 1 at first; grows with each time that it was lent before and came back unsettled. */
  readonly attempt: number
  readonly publishedAtMs: number
}

export interface ConsumerOptions {
  /** Durable: what it has not settled is there when it comes back. Processes that give the same name share the work. */
  readonly name: string
  /**
   * Whole subjects, or beginnings such as `pipeline.knowledge.>`. A new consumer gets what is still kept of earlier events.
   * To one that is there already subjects are added, and none is taken away: it may be shared with a process of a later
   * version, which wants more.
   */
  readonly subjects: readonly string[]
  /**
   * What is not settled after so long, or said to be worked on, is lent to somebody else. Processes that share a name give
   * the same time: on some drivers the latest counts for all.
   */
  readonly ackWaitMs: number
}

export interface FetchOptions {
  readonly most: number
  /** How long to wait for the first. */
  readonly waitMs: number
  readonly signal?: AbortSignal
}

export interface Backlog {
  readonly waiting: number
  /** Lent to somebody, or released and its time has not come. */
  readonly lent: number
  /** How long ago the oldest that is not settled was published; absent when there is none. */
  readonly oldestMs?: number
}

export interface ConsumerStanding {
  readonly name: string
  readonly backlog: Backlog
}

/**
 * One consumer as one process sees it. Every method rejects when the bus cannot be reached; nothing is lost by that. Some
 * drivers reject a fetch of a consumer that was removed: whoever works goes on by making it anew.
 */
export interface Consumer {
  /** The oldest first; empty when none came in time or the signal was given. */
  fetch(options: FetchOptions): Promise<readonly Delivery[]>
  /** It is done and committed. Counts even when it comes late; of a consumer that is gone meanwhile there is nothing to count. */
  done(deliveries: readonly Delivery[]): Promise<void>
  /** Still at it: the time begins anew. */
  working(deliveries: readonly Delivery[]): Promise<void>
  /** To be lent again, not before so long. */
  release(deliveries: readonly Delivery[], afterMs: number): Promise<void>
  /** It can never be done, whoever tries: it is put aside with the reason. */
  bury(delivery: Delivery, reason: string): Promise<void>
  backlog(): Promise<Backlog>
}

/** What a consumer could not do, kept whole. */
export interface DeadLetter {
  readonly id: string
  readonly consumer: string
  readonly event: BusEvent
  readonly reason: string
  readonly attempts: number
  readonly buriedAtMs: number
}

/** Of one call of `publish`. */
export const eventsMax = 1_000

/** Carries events from the gateway to the workers: at least once to each consumer, in no promised order. */
export interface Bus {
  /**
   * Resolves when they survive the end of any process. When it rejects, any of them may have been published: publish the
   * same again, since an id counts once. At most `eventsMax` at once.
   */
  publish(events: readonly BusEvent[]): Promise<void>
  consumer(options: ConsumerOptions): Promise<Consumer>
  /** A consumer that will not come back; what it has not settled is let go. */
  removeConsumer(name: string): Promise<void>
  /** Every durable consumer by its name, with what it has before it. */
  consumers(): Promise<readonly ConsumerStanding[]>
  /** The latest first. */
  deadLetters(most: number): Promise<readonly DeadLetter[]>
  /** Lends it again to the consumer that buried it. Resolves false when there is none of that id. */
  redrive(id: string): Promise<boolean>
  /**
   * Another one whenever what was published before may be gone, unsettled events included: who must be sure publishes
   * those again. Absent where that cannot be.
   */
  epoch?(): Promise<string>
}
