/** A model gave nothing that could be kept in place of what it was shown. */
export class SummaryUnusable extends Error {
  override readonly name = 'SummaryUnusable'
}

/** Longer than asked for many times over: such a text repeats itself. */
const charactersMax = 8_000

/**
 * What a model wrote, as a summary: without thoughts that it put into the text.
 *
 * @throws SummaryUnusable
 */
export function readSummary(written: string): string {
  const text = withoutThoughts(written).trim().slice(0, charactersMax).toWellFormed().replaceAll('\u0000', '\uFFFD')
  if (text === '') {
    throw new SummaryUnusable(
      `expected a summary, got ${written === '' ? 'an empty reply' : 'nothing but thoughts'}: name a model in ` +
        'memory.summaries.model that answers in plain text',
    )
  }
  return text
}

/** Thoughts without an end are thoughts to the end. */
function withoutThoughts(written: string): string {
  return written.replace(/^\s*<think>(?:[\s\S]*?<\/think>|[\s\S]*)/, '')
}
