import { mediaSourceOf } from '../../core/chat/media-source.ts'
import type { ImagePart } from '../../core/chat/message.ts'

/** The first characters of files in Base64, by what they are. */
const beginnings: readonly (readonly [beginning: string, mediaType: string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['Qk0', 'image/bmp'],
]

/** Bare Base64, which does not say what it is; some clients send a data URL all the same. */
export function readImage(image: unknown): ImagePart[] {
  if (typeof image !== 'string' || image === '') return []
  if (image.startsWith('data:')) return [{ type: 'image', source: mediaSourceOf(image) }]
  const mediaType = beginnings.find(([beginning]) => image.startsWith(beginning))?.[1] ?? 'image/png'
  return [{ type: 'image', source: { kind: 'base64', mediaType, data: image } }]
}
