import { readStreamEnd } from '../../../src/dialects/openai/read-reply-end.ts'
import { StreamCut } from '../../../src/gateway/request/reply/stream-cut.ts'
import { ChantWatch } from '../../../src/toolcalls/loop/chant-watch.ts'

/** What listening for chants costs a stream whose bytes pass, for each event, beside the clock of this machine. */
const events = 200_000
const chunks = Array.from({ length: 1_000 }, (_, at) =>
  Buffer.from(
    `data: ${JSON.stringify({ choices: [{ finish_reason: null, index: 0, delta: { content: ` word${at * 7919}` } }], created: 1_700_000_000, id: 'chatcmpl-0123456789abcdef', model: 'qwen3-4b', object: 'chat.completion.chunk' })}\n\n`,
  ),
)
const cut = new StreamCut({ watch: new ChantWatch(() => undefined), promptTokens: undefined })
for (const chunk of chunks) cut.push(chunk)

const startedAtMs = performance.now()
for (let at = 0; at < events; at++) cut.push(chunks[at % chunks.length] ?? Buffer.alloc(0))
const listeningUs = ((performance.now() - startedAtMs) * 1000) / events

const yardstickAtMs = performance.now()
for (let at = 0; at < events; at++) JSON.parse((chunks[at % chunks.length] ?? Buffer.alloc(0)).toString().slice(6))
const parsingUs = ((performance.now() - yardstickAtMs) * 1000) / events

console.log(
  JSON.stringify({
    listening_us: listeningUs,
    parse_us: parsingUs,
    ratio: listeningUs / parsingUs,
    ended: readStreamEnd(cut.ending()).isComplete,
  }),
)
