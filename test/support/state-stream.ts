import type { GatewayState, GatewayStateEvent } from '../../src/core/gateway-state.ts'
import { mergeState, type KnownState } from '../../src/backends/state/merge-state.ts'

/** A listener to `GET /llmr/v1/state`, as another program would be. */
export interface StateStream {
  readonly response: Response
  /** Everything told so far. */
  readonly events: readonly GatewayStateEvent[]
  /** Resolves with the first state, now or later, of which this is true. Rejects when the stream ends before. */
  until(isIt: (state: GatewayState) => boolean): Promise<GatewayState>
  /** Resolves when the gateway has ended the stream. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export async function openStateStream(url: string, headers: Record<string, string> = {}): Promise<StateStream> {
  const client = new AbortController()
  const response = await fetch(`${url}/llmr/v1/state`, { headers, signal: client.signal })
  const events: GatewayStateEvent[] = []
  const watchers = new Set<{ look(): void; fail(): void }>()
  let known: KnownState | undefined
  const read = async (): Promise<void> => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (data === undefined) continue
        const event = JSON.parse(data) as GatewayStateEvent
        events.push(event)
        known = mergeState(known, event)
        if (known === undefined) throw new Error(`event ${event.sequence} does not follow on the one before`)
        for (const watcher of watchers) watcher.look()
      }
    }
  }
  const ended = read()
    .catch((error: unknown) => {
      if (!client.signal.aborted) throw error
    })
    .finally(() => {
      for (const watcher of watchers) watcher.fail()
    })
  ended.catch(() => undefined)
  return {
    response,
    events,
    ended,
    until: (isIt) =>
      new Promise((resolve, reject) => {
        const watcher = {
          look: () => {
            if (known === undefined || !isIt(known.state)) return
            watchers.delete(watcher)
            resolve(known.state)
          },
          fail: () => reject(new Error(`the stream ended first: ${JSON.stringify(known)}`)),
        }
        watchers.add(watcher)
        watcher.look()
      }),
    close: async () => {
      client.abort()
      await ended.catch(() => undefined)
    },
  }
}

export function residenceIn(state: GatewayState, model: string): string | undefined {
  return state.models.find(({ id }) => id === model)?.residence
}
