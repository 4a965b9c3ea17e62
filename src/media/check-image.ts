import type { Base64Source } from '../core/chat/message.ts'
import { headBytes, imageTypeOf, takenImageTypes } from './image-type.ts'

export type CheckedImage =
  | { readonly kind: 'good'; readonly source: Base64Source }
  /** `problem` continues a sentence that names the image. */
  | { readonly kind: 'bad'; readonly problem: string }

/**
 * An image in Base64 as engines can be given it: the same value when it is right already. One that is called by another
 * type than it has gets its own: clients do that often, and a refusal would end a conversation for good.
 */
export function checkImage(source: Base64Source, { maxBytes }: { readonly maxBytes: number }): CheckedImage {
  const data = /\s/.test(source.data) ? source.data.replaceAll(/\s+/g, '') : source.data
  const bytes = Math.floor((data.replace(/={1,2}$/, '').length * 3) / 4)
  if (bytes === 0) return bad('is empty')
  if (bytes > maxBytes) {
    return bad(`has ${bytes} bytes; at most ${maxBytes} are taken (dialects.images.max_size). Send it smaller`)
  }
  const strange = data.search(/[^A-Za-z0-9+/]/)
  if (strange !== -1 && !/^={1,2}$/.test(data.slice(strange))) {
    return bad(`is no Base64: character ${strange + 1} is ${JSON.stringify(data.charAt(strange))}`)
  }
  const type = imageTypeOf(Buffer.from(data.slice(0, Math.ceil((headBytes * 4) / 3)), 'base64'))
  if (!takenImageTypes.some((taken) => taken === type)) {
    return bad(`${typeWords(type, source.mediaType)}; send PNG, JPEG, GIF, WebP or BMP`)
  }
  const isRight = data === source.data && type === source.mediaType
  return { kind: 'good', source: isRight ? source : { kind: 'base64', mediaType: type ?? source.mediaType, data } }
}

function bad(problem: string): CheckedImage {
  return { kind: 'bad', problem }
}

function typeWords(type: string | undefined, called: string): string {
  const name = called.slice(0, 100)
  return type === undefined ? `is called ${name}, but its bytes are those of no image` : `is of type ${type}`
}
