/** What a command asks, until it is through with it. */
export interface OpenedSource<Source> {
  readonly source: Source
  readonly close: () => Promise<void>
}
