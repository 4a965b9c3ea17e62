import type { Target } from './bench-rig.ts'
import { chatCompletion, chatRequest, eventsPerStream } from './canned-replies.ts'

/** A fast wrong answer is no result: what passes through must arrive as it was sent. */
export async function verifyTarget(target: Target): Promise<void> {
  const completion = await ask(target, chatRequest('bench-json', 1000))
  if (completion !== chatCompletion('bench-json').toString()) throw wrong(target, 'another completion', completion)
  const stream = await ask(target, chatRequest('bench-burst', 100_000))
  const texts = stream.match(/"content":" word\d+"/g) ?? []
  if (texts.length !== eventsPerStream) throw wrong(target, `${texts.length} of ${eventsPerStream} events`, stream)
  if (!stream.trimEnd().endsWith('data: [DONE]')) throw wrong(target, 'a stream without its end marker', stream)
}

async function ask({ port, headers }: Target, body: string): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(10_000),
  })
  return reply.text()
}

function wrong({ name }: Target, what: string, reply: string): Error {
  return new Error(`${name} answers with ${what}, so it is not measured. The reply begins:\n${reply.slice(0, 500)}`)
}
