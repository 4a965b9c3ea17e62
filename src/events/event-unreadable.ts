/** An event that nobody of this version can make sense of, however often it is tried. */
export class EventUnreadable extends Error {
  override readonly name = 'EventUnreadable'
}
