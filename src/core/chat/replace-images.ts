import type { ImagePart, Message, TextPart } from './message.ts'

/** The images of a chat, in the order in which they stand; those behind the last message of the assistant are new. */
export function imagesIn(messages: readonly Message[]): { readonly image: ImagePart; readonly isNew: boolean }[] {
  const lastAssistant = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages.flatMap(({ parts }, at) =>
    [...parts].flatMap((part) => (part.type === 'image' ? [{ image: part, isNew: at > lastAssistant }] : [])),
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
