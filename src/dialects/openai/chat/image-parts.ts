import { at, listAt, textAt } from '../../../core/foreign-json.ts'

type Part = Readonly<Record<string, unknown>>

/**
 * Whether a part of a message is an image. Some engines go by the type, others take what has the address of one,
 * whatever its type says.
 */
export function isImagePart(part: Part): boolean {
  const { type } = part
  return type === 'image_url' || type === 'input_image' || type === 'image' || 'image_url' in part
}

/** The address of an image, most often a data URL; `undefined` where there is none. */
export function imageUrlOf(part: unknown): string | undefined {
  return textAt(part, 'image_url', 'url') ?? textAt(part, 'image_url') ?? textAt(part, 'image')
}

/** The same image at another address. */
export function withImageUrl(part: Part, url: string): Part {
  const { image_url: given } = part
  if (isObject(given)) return { ...part, image_url: { ...given, url } }
  return 'image_url' in part ? { ...part, image_url: url } : { ...part, image: url }
}

/** The images of a chat in OpenAI's shape, in their order; new are the user's behind the last message of the assistant. */
export function imagePartsIn(json: unknown): { readonly part: Part; readonly isNew: boolean }[] {
  const messages = listAt(json, 'messages')
  const lastAssistant = messages.findLastIndex((message) => at(message, 'role') === 'assistant')
  return messages.flatMap((message, position) =>
    partsOf(message).flatMap((part) =>
      isImagePart(part) ? [{ part, isNew: at(message, 'role') === 'user' && position > lastAssistant }] : [],
    ),
  )
}

/** The addresses of sound and film in a chat in OpenAI's shape. */
export function linksIn(json: unknown): string[] {
  return listAt(json, 'messages')
    .flatMap(partsOf)
    .flatMap((part) =>
      ['video_url', 'audio_url'].flatMap((name) => textAt(part, name, 'url') ?? textAt(part, name) ?? []),
    )
}

/** A chat in OpenAI's shape with another part for each image. Texts that are left alone become one: templates take that. */
export function replaceImageParts<Body extends Part>(json: Body, replace: (part: Part) => Part): Body {
  const messages = listAt(json, 'messages').map((message) => {
    if (!isObject(message) || !partsOf(message).some(isImagePart)) return message
    const content = listAt(message, 'content').map((part) =>
      isObject(part) && isImagePart(part) ? replace(part) : part,
    )
    const texts = content.flatMap((part) => (textAt(part, 'type') === 'text' ? (textAt(part, 'text') ?? []) : []))
    return { ...message, content: texts.length === content.length ? texts.join('\n') : content }
  })
  return { ...json, messages }
}

function partsOf(message: unknown): Part[] {
  return listAt(message, 'content').filter(isObject)
}

function isObject(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
