/** Only letters and digits of Base64: some clients check for that. */
const mark = 'bGxtcg'

/** No request id has this letter. */
const noticeMark = `${mark}N`

/**
 * A signature for thoughts that no engine signed. Clients take a thought without one for broken, and send it back with
 * the next request, where it is known again by its mark.
 */
export function mintSignature(requestId: string, block: number): string {
  return `${mark}${requestId.replaceAll(/[^A-Za-z0-9]/g, '')}${block}`
}

/** For what llmr itself says in the place of thoughts. */
export function mintNoticeSignature(requestId: string, block: number): string {
  return noticeMark + mintSignature(requestId, block).slice(mark.length)
}

export function isMintedSignature(signature: string): boolean {
  return signature.startsWith(mark)
}

/** Nobody thought what stands above it. */
export function isNoticeSignature(signature: string): boolean {
  return signature.startsWith(noticeMark)
}
