import { hash } from 'node:crypto'

import type { FlowSource } from '../../core/flow.ts'
import type { Recalled } from './recalled.ts'

/**
 * What was looked at for a request, for its lineage: what was said by the store's number of the reply, files and summaries by
 * digests alone, since a name may say something too.
 *
 * @param used that of which the model is shown something
 */
export function sourcesOf(recalled: Recalled, used: ReadonlySet<object> = new Set()): readonly FlowSource[] {
  const { window, retrieved, files, summaries } = recalled
  return [
    ...window.map((round, index) => source('round', round, { ref: round.reply, index, reason: 'window' })),
    ...retrieved.map((round, index) => source('round', round, { ref: round.reply, index, reason: 'fits' })),
    ...files.map((file, index) => {
      return source('file', file, { ref: digestOf(file.uri).slice(0, 16), digest: digestOf(file.content), index })
    }),
    ...summaries.map((summary, index) => {
      const digest = digestOf(summary.text)
      return source('summary', summary, { ref: digest.slice(0, 16), digest, index })
    }),
  ]

  function source(
    kind: FlowSource['kind'],
    of: object,
    {
      ref,
      digest,
      index,
      reason,
    }: { readonly ref: string; readonly digest?: string; readonly index: number; readonly reason?: string },
  ): FlowSource {
    const isInjected = used.has(of)
    const why = isInjected ? reason : 'budget'
    return {
      kind,
      ref,
      rank: index + 1,
      isInjected,
      ...(digest !== undefined && { digest }),
      ...(why !== undefined && { reason: why }),
    }
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex')
}
