/** So begins what only llmr can have written. */
const mark = 'llmr1.'

/**
 * A thought in a form that clients take for a provider's encrypted one. They send it back, where many drop a thought in
 * plain words; with it the model sees what it thought before. It hides nothing.
 */
export function sealReasoning(text: string): string {
  return mark + Buffer.from(text).toString('base64url')
}

/** The thought; undefined for what somebody else encrypted. */
export function openReasoning(encrypted: string): string | undefined {
  return encrypted.startsWith(mark) ? Buffer.from(encrypted.slice(mark.length), 'base64url').toString() : undefined
}
