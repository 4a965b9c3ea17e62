import { listAt } from '../../core/foreign-json.ts'

/** What happens to every request. */
const ordinary: ReadonlySet<unknown> = new Set(
  'routed sent finished lane waiting admitted stream-opened-early client-gone recorded left-out intent recalled counted'.split(
    ' ',
  ),
)

/** What llmr did to the requests of a run, each kind once, in the order in which it was first done. */
export async function interventionsOf(url: string, correlationId: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/llmr/v1/requests?id=${correlationId}`)
  const requests = listAt(await response.json(), 'requests')
  const kinds = new Set(requests.flatMap((request) => listAt(request, 'timeline').flatMap(kindOf)))
  return Array.from(kinds)
}

function kindOf(entry: unknown): string[] {
  const { event, detail } = Object(entry) as { readonly event?: unknown; readonly detail?: unknown }
  if (typeof event !== 'string' || ordinary.has(event)) return []
  if (event !== 'calls-read') return [event]
  return typeof detail === 'string' && detail.includes('put right') ? ['calls-repaired'] : ['calls-read']
}
