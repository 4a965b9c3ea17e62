/** Only letters and digits of Base64: some clients check for that. */
const mark = 'bGxtcg'

/**
 * A signature for thoughts that no engine signed. Clients take a thought without one for broken, and send it back with
 * the next request, where it is known again by its mark.
 */
export function mintSignature(requestId: string, block: number): string {
  return `${mark}${requestId.replaceAll(/[^A-Za-z0-9]/g, '')}${block}`
}

export function isMintedSignature(signature: string): boolean {
  return signature.startsWith(mark)
}
