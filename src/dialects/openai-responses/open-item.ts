/** An item of a streamed output that is being said. Each call gives the events that it takes. */
export interface OpenItem {
  open(): string
  /** The end of it; from here on `written` is the item as it stands in the output. */
  close(status: 'completed' | 'incomplete'): string
  readonly written: object
}

/** Where the item stands. */
export interface ItemPlace {
  readonly id: string
  readonly outputIndex: number
}
