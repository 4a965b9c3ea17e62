/** Which llmr says it: shown as `ce-source`. */
export interface EventSource {
  readonly instanceId: string
}

/** The attributes of CloudEvents 1.0 as its binary mode names them. */
export function cloudEvent(parts: {
  readonly type: string
  readonly id: string
  readonly atMs: number
  /** The request. */
  readonly about: { readonly requestId: string; readonly correlationId: string; readonly principal: string }
  readonly source: EventSource
}): Readonly<Record<string, string>> {
  const { type, id, atMs, about, source } = parts
  return {
    'ce-specversion': '1.0',
    'ce-type': type,
    'ce-source': `llmr/${source.instanceId}`,
    'ce-id': id,
    'ce-time': new Date(atMs).toISOString(),
    'ce-subject': about.requestId,
    'content-type': 'application/json',
    'x-correlation-id': about.correlationId,
    'llmr-principal': about.principal,
  }
}
