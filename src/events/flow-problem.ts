import type { Flow } from '../core/flow.ts'

/** What is wrong with the graph of a flow; undefined when it is one that a request can have taken. */
export function flowProblem({ steps, edges, sources }: Pick<Flow, 'steps' | 'edges' | 'sources'>): string | undefined {
  if (steps[0]?.type !== 'request') return 'expected the request as the first step'
  const wrong = edges.find(({ from, to }) => !(isPlace(from) && isPlace(to) && from < to && to < steps.length))
  if (wrong !== undefined) return `expected edges that go from a step to a later one, got ${wrong.from} to ${wrong.to}`
  const reached = new Set(edges.map(({ to }) => to))
  const second = steps.findIndex((_, place) => place > 0 && !reached.has(place))
  if (second !== -1) return `expected every step to go back to the request, step ${second} does not`
  if (sources.length > 0 && !steps.some(({ type }) => type === 'retrieve')) return 'expected sources to be retrieved'
  const isShown = sources.some(({ isInjected }) => isInjected)
  const retrieved = afterRetrieval({ steps, edges })
  if (isShown && !steps.some(({ type }, place) => type === 'inject' && retrieved.has(place)))
    return 'expected what the model was shown to come out of a retrieval'
  return undefined
}

function isPlace(place: number): boolean {
  return Number.isInteger(place) && place >= 0
}

/** Retrievals, and whatever goes back to one. Edges lead to later steps, so once through is enough. */
function afterRetrieval({ steps, edges }: Pick<Flow, 'steps' | 'edges'>): ReadonlySet<number> {
  const found = new Set<number>()
  steps.forEach(({ type }, place) => {
    if (type === 'retrieve' || edges.some(({ from, to }) => to === place && found.has(from))) found.add(place)
  })
  return found
}
