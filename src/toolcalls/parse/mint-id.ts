import { randomBytes } from 'node:crypto'

/**
 * Ids for calls, unique wherever they go: clients and guards tell calls apart by them. `mistral`: nine letters and digits, all
 * that those templates take. Others get 24 behind `call_`.
 */
export function mintCallId(style: 'common' | 'mistral', random: (size: number) => Uint8Array = randomBytes): string {
  const length = style === 'mistral' ? 9 : 24
  // 248 is the largest multiple of 62 in a byte: what is above would favour the first letters.
  let id = ''
  while (id.length < length)
    for (const byte of random(length)) if (byte < 248 && id.length < length) id += alphabet[byte % 62]
  return style === 'mistral' ? id : `call_${id}`
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
