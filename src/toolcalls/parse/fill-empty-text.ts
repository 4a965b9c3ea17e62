import type { ReplyEvent } from './reply-event.ts'

/**
 * A reply that is thought and nothing else, finished by the model itself, reads as an answer: a client that shows only
 * text would seem to hang. For replies that are collected before they are sent.
 */
export function fillEmptyText(events: readonly ReplyEvent[]): readonly ReplyEvent[] {
  if (events.some(({ type }) => type !== 'reasoning')) return events
  return events.map((event) => (event.type === 'reasoning' ? { type: 'text', text: event.text } : event))
}
