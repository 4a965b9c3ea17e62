import type { Candidate } from '../../core/candidate.ts'

/**
 * How much a key wants a candidate: 32 bits that depend on nothing but the two, so every process and every restart
 * ranks alike. For spreading only; it does not resist somebody who looks for collisions.
 */
export function rendezvousScore(key: string, { backend, model }: Candidate): number {
  return mixed(hashOf(model, hashOf('\n', hashOf(backend, hashOf('\n', hashOf(key, offsetBasis))))))
}

const offsetBasis = 0x811c9dc5

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string, start: number): number {
  let hash = start
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash
}

/** The finaliser of MurmurHash3. FNV alone leaves names that differ in their last letter in nearly the same order for every key. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16)
  bits = Math.imul(bits, 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
