import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import { createReplyParser } from '../../../src/toolcalls/parse/reply-parser.ts'
import { corpusFile, readRows, type CorpusRow } from '../../support/toolcalls/corpus.ts'
import { optionsOfRow } from '../../support/toolcalls/parse-row.ts'
import { verdictOf, weakReplies } from '../../support/toolcalls/weak-replies.ts'

/** `node test/bench/toolcalls/parse.ts`: what one streamed chunk costs, beside a loop that only looks at each character. */
const prose = 'The function `main` reads <config> and returns {"a": 1} or [list]; see docs. '.repeat(2000)
const argument = `<tool_call>{"name": "write_file", "arguments": {"content": "${'line of code\\n'.repeat(80_000)}"}}</tool_call>`

console.log('µs a chunk of 4 characters (median of 7)')
for (const [name, text, format] of [
  ['prose, hermes_json', prose, 'hermes_json'],
  ['prose, generic', prose, 'generic'],
  ['prose, qwen3_coder_xml', prose, 'qwen3_coder_xml'],
  ['prose, harmony', `<|channel|>final<|message|>${prose}`, 'harmony'],
  ['an argument of 1 MB', argument, 'hermes_json'],
] as const) {
  const chunks = text.match(/[\s\S]{1,4}/g) ?? []
  const parse = median(() => {
    const parser = createReplyParser({ format: replyFormat(format), tools: [], start: 'text', mintId: () => 'call' })
    for (const chunk of chunks) parser.push(chunk)
    parser.end()
  })
  const look = median(() => {
    let sum = 0
    for (const chunk of chunks) for (let at = 0; at < chunk.length; at++) sum += chunk.charCodeAt(at)
    return sum
  })
  print(name, parse, look, chunks.length)
}

const path = corpusFile('toolcalls.jsonl')
if (path === undefined) console.log('the corpus is not here: skipped')
else {
  const rows = readRows<CorpusRow>(path).map((row) => ({ row, options: optionsOfRow(row) }))
  const chunks = rows.map(({ row }) => row.input.match(/[\s\S]{1,4}/g) ?? [])
  const parse = median(() => {
    for (const [index, { options }] of rows.entries()) {
      const parser = createReplyParser({ ...options, mintId: () => 'call' })
      for (const chunk of chunks[index] ?? []) parser.push(chunk)
      parser.end()
    }
  })
  print('every vector of the corpus', parse, Number.NaN, chunks.flat().length)
}

const verdicts = Map.groupBy(weakReplies, (reply) => verdictOf(reply))
const counted = (['right', 'text', 'wrong'] as const).map((kind) => `${verdicts.get(kind)?.length ?? 0} ${kind}`)
console.log(`${weakReplies.length} replies as weak models break them: ${counted.join(', ')}`)

function print(name: string, parseMs: number, lookMs: number, chunks: number): void {
  const each = ((parseMs * 1000) / chunks).toFixed(2)
  const ratio = Number.isNaN(lookMs) ? '' : `  ${(parseMs / lookMs).toFixed(0)} × a look at each character`
  console.log(`${name.padEnd(28)} ${each.padStart(6)}${ratio}`)
}

function median(run: () => unknown): number {
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return times.sort((left, right) => left - right)[3] ?? Number.NaN
}
