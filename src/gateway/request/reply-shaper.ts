import { encodeEmbeddings } from '../../dialects/openai/embedding-encoding.ts'
import { withBothRerankShapes } from '../../dialects/openai/rerank-shapes.ts'
import type { Intake } from './intake.ts'

/** What has to be done to a reply of this request; `undefined`: it passes as bytes. */
export function replyShaper(
  { operation, request, restated }: Intake,
  elapsedMs: () => number,
): ((body: Buffer) => Buffer) | undefined {
  if (restated !== undefined) {
    const model = request.model ?? ''
    return (body) => {
      const reply: unknown = JSON.parse(encodeEmbeddings(body, 'float').toString())
      return Buffer.from(JSON.stringify(restated.writeReply(reply, { model, elapsedMs: elapsedMs() })))
    }
  }
  if (operation === 'rerank') return withBothRerankShapes
  if (operation !== 'embedding') return undefined
  const encoding = request.json?.['encoding_format'] === 'base64' ? 'base64' : 'float'
  return (body) => encodeEmbeddings(body, encoding)
}
