import { encodeEmbeddings } from '../../dialects/openai/embedding-encoding.ts'
import { withBothRerankShapes } from '../../dialects/openai/rerank-shapes.ts'
import type { Intake } from './intake.ts'

/** What has to be done to a reply of this request; `undefined`: it passes as bytes. */
export function replyShaper({ operation, request }: Intake): ((body: Buffer) => Buffer) | undefined {
  if (operation === 'rerank') return withBothRerankShapes
  if (operation !== 'embedding') return undefined
  const encoding = request.json?.['encoding_format'] === 'base64' ? 'base64' : 'float'
  return (body) => encodeEmbeddings(body, encoding)
}
