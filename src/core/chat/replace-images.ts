import type { ImagePart, Message, TextPart } from './message.ts'

/**
 * The images of a chat, in the order in which they stand. New are the user's behind the last message of the assistant:
 * the request is about them, and without them it makes no sense. What a tool gave is the model's to make the best of.
 */
export function imagesIn(messages: readonly Message[]): { readonly image: ImagePart; readonly isNew: boolean }[] {
  const lastAssistant = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages.flatMap(({ role, parts }, at) =>
    [...parts].flatMap((part) =>
      part.type === 'image' ? [{ image: part, isNew: role === 'user' && at > lastAssistant }] : [],
    ),
  )
}

/** The same messages with something else for each image. */
export function replaceImages(
  messages: readonly Message[],
  replace: (image: ImagePart) => ImagePart | TextPart,
): readonly Message[] {
  return messages.map((message): Message => {
    switch (message.role) {
      case 'user':
        return { ...message, parts: message.parts.map((part) => (part.type === 'image' ? replace(part) : part)) }
      case 'tool':
        return { ...message, parts: message.parts.map((part) => (part.type === 'image' ? replace(part) : part)) }
      default:
        return message
    }
  })
}
