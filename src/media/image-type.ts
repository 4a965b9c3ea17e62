/** What every engine that sees takes, or most of them do. */
export const takenImageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp'] as const

/** As many bytes of a file as its type is told from. */
export const headBytes = 32

/** What a file is by its first bytes, whatever it is called; `undefined` when nobody knows them. */
export function imageTypeOf(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, headBytes)
  const known = beginnings.find(([, beginning]) => text.startsWith(beginning))
  if (known !== undefined) return known[0]
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'image/webp'
  if (text.startsWith('ftyp', 4)) return text.startsWith('avif', 8) ? 'image/avif' : 'image/heic'
  if (/^\s*<(?:svg|\?xml)/i.test(text)) return 'image/svg+xml'
  return /^\s*<(?:!doctype html|html)/i.test(text) ? 'text/html' : undefined
}

const beginnings: readonly (readonly [string, string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
  ['image/bmp', 'BM'],
  ['image/tiff', 'II*\0'],
  ['image/tiff', 'MM\0*'],
  ['application/pdf', '%PDF-'],
]
