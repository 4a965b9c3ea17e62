import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkImage } from '../../src/media/check-image.ts'
import { jpegBase64, pngBase64 } from '../support/images.ts'

const limits = { maxBytes: 1_000 }
const png = { kind: 'base64', mediaType: 'image/png', data: pngBase64 } as const

const problemOf = (image: Partial<typeof png> | { mediaType: string } | { data: string }, maxBytes = 1_000) => {
  const checked = checkImage({ ...png, ...image }, { maxBytes })
  return checked.kind === 'bad' ? checked.problem : undefined
}

describe('an image', () => {
  test('that is right stays the same value', () => {
    const checked = checkImage(png, limits)
    expect(checked).toEqual({ kind: 'good', source: png })
    expect(checked.kind === 'good' && checked.source).toBe(png)
  })

  test('under another name than its own gets its own', () => {
    const checked = checkImage({ ...png, data: jpegBase64 }, limits)
    expect(checked).toEqual({ kind: 'good', source: { ...png, mediaType: 'image/jpeg', data: jpegBase64 } })
  })

  test('broken into lines is put together', () => {
    const data = pngBase64.replaceAll(/(.{20})/g, '$1\r\n')
    expect(checkImage({ ...png, data }, limits)).toEqual({ kind: 'good', source: png })
  })

  test('that is larger than allowed is refused with both figures, however it ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (rest) => {
        const bytes = Buffer.concat([Buffer.from('GIF89a'), rest])
        const image = { mediaType: 'image/gif', data: bytes.toString('base64') }
        expect(problemOf(image, bytes.length)).toBeUndefined()
        expect(problemOf(image, bytes.length - 1)).toMatch(`has ${bytes.length} bytes; at most ${bytes.length - 1}`)
      }),
    )
  })

  test('that is none is refused by what it is', () => {
    expect(problemOf({ data: '' })).toBe('is empty')
    expect(problemOf({ data: 'iVBO*w0KGgo=' })).toBe('is no Base64: character 5 is "*"')
    expect(problemOf({ data: Buffer.from('<html><body>').toString('base64') })).toMatch('is of type text/html')
    expect(problemOf({ data: Buffer.from('\0\0\0\x18ftypheic').toString('base64') })).toMatch('image/heic; send PNG')
    expect(problemOf({ data: Buffer.from('what is this?').toString('base64') })).toMatch('called image/png, but')
  })
})
