import { createHmac, hash } from 'node:crypto'

import type { ReplyDigest } from '../../core/conversation-claims.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'

/**
 * Stands for one user message, by its canonical text. Media counts only where there is no text: clients drop the images
 * of old messages.
 *
 * @param media whatever is the same each time that the client sends it
 */
export function userDigest({ text, media }: { readonly text: string; readonly media: readonly string[] }): string {
  if (text !== '') return sha256('T', text)
  return sha256('M', ...media)
}

/**
 * Where every chain of a scope begins. Nothing is ever looked up by it: a request without earlier messages is like every
 * other one, and a digest of nothing would put all of them into one conversation.
 */
export function chainStart({ tenant, principal }: MemoryScope): string {
  return sha256('llmr/chain/1', tenant, principal)
}

/** The chain up to one more user message. Two scopes never share a hash, whatever is said in them. */
export function chainNext(before: string, digest: string): string {
  return createHmac('sha256', before).update(digest).digest('hex')
}

/** A client that stopped a stream has the beginning. */
const prefixLength = 48

/** Blanks do not count, since clients trim and rewrap; nor do thoughts, which many do not send back. */
export function replyDigest(text: string): ReplyDigest {
  const said = text.replace(thoughts, '').normalize('NFC').replaceAll(blanks, ' ').trim()
  return {
    digest: sha256('R', said),
    prefixDigest: sha256('P', said.slice(0, prefixLength)),
    length: said.length,
  }
}

/** All but a space that stands alone, which is most of them: to put one in its own place takes longer than all the rest. */
const blanks = /[^\S ]\s*| \s+/g

/** Where the engine leaves them in the text. */
const thoughts = /^\s*<(think|thinking)>[\s\S]*?<\/\1>/

/** Lengths stand between the parts, so that two lists of texts never run together to one. */
function sha256(kind: string, ...texts: readonly string[]): string {
  const counted = texts.map((text) => {
    const wellFormed = text.toWellFormed()
    return `${Buffer.byteLength(wellFormed)}:${wellFormed}`
  })
  return hash('sha256', `${kind}\n${counted.join('')}`, 'hex')
}
