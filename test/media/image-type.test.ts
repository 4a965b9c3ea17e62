import { expect, test } from 'vitest'

import { imageTypeOf } from '../../src/media/image-type.ts'
import { jpegBase64, pngBase64 } from '../support/images.ts'

test.for([
  [Buffer.from(pngBase64, 'base64'), 'image/png'],
  [Buffer.from(jpegBase64, 'base64'), 'image/jpeg'],
  [Buffer.from('GIF89a'), 'image/gif'],
  [Buffer.from('RIFF\x10\0\0\0WEBPVP8 '), 'image/webp'],
  [Buffer.from('BM\x46\0\0\0'), 'image/bmp'],
  [Buffer.from('\0\0\0\x18ftypheic'), 'image/heic'],
  [Buffer.from('\0\0\0\x18ftypavif'), 'image/avif'],
  [Buffer.from('<?xml version="1.0"?><svg'), 'image/svg+xml'],
  [Buffer.from('<!DOCTYPE html>'), 'text/html'],
  [Buffer.from('%PDF-1.7'), 'application/pdf'],
  [Buffer.from('hello'), undefined],
  [Buffer.alloc(0), undefined],
] as const)('a file is told by its first bytes: %s is %s', ([head, type]) => {
  expect(imageTypeOf(head)).toBe(type)
})
