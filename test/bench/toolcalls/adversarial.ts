import type { ReplyFormat } from '../../../src/toolcalls/formats/reply-format.ts'
import { replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import { adversarialReplies } from '../../support/toolcalls/adversarial-replies.ts'

/**
 * `node test/bench/toolcalls/adversarial.ts [FORMAT…]`, by default of one format for each grammar: what a chunk costs in texts made to be slow, and how much more of it
 * four times the length takes: about 4 where time grows with the length alone.
 */
const [short, long] = [262_144, 1_048_576]
const usual = ['hermes_json', 'mistral', 'qwen3_coder_xml', 'pythonic', 'harmony', 'generic']
const wanted = process.argv.length > 2 ? process.argv.slice(2) : usual
const formats = replyFormats.filter(({ id }) => wanted.includes(id))
const rows = formats.flatMap((format) =>
  Array.from(adversarialReplies(format, long), ([name, text]) => {
    const brief = timeOf(format, adversarialReplies(format, short).get(name) ?? '')
    const whole = timeOf(format, text)
    return { format: format.id, name, each: (whole * 1000) / (text.length / 4), growth: whole / brief }
  }),
)
console.log(
  `${rows.length} texts of 1 MiB in chunks of 4 characters, ${formats.length} formats; the slowest, and the steepest:`,
)
for (const by of ['each', 'growth'] as const) {
  for (const row of rows.toSorted((left, right) => right[by] - left[by]).slice(0, 8)) {
    const { format, name, each, growth } = row
    console.log(
      `  ${format.padEnd(18)} ${name.padEnd(30)} ${each.toFixed(2).padStart(6)} µs a chunk  × ${growth.toFixed(1)}`,
    )
  }
  console.log('')
}

function timeOf(format: ReplyFormat, text: string): number {
  const chunks = text.match(/[\s\S]{1,4}/g) ?? []
  const times = Array.from({ length: 2 }, () => {
    const parser = createReplyParser({ format, tools: [], mintId: () => 'call' })
    const start = performance.now()
    for (const chunk of chunks) parser.push(chunk)
    parser.end()
    return performance.now() - start
  })
  return Math.min(...times)
}
