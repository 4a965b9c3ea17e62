import type { GatewayState, GatewayStateEvent } from '../../../core/gateway-state.ts'

type Delta = Omit<Extract<GatewayStateEvent, { type: 'delta' }>, 'sequence'>

/** What turns one state into the next; undefined when there is nothing to tell. */
export function diffState(before: GatewayState, after: GatewayState): Delta | undefined {
  const models = diffList(before.models, after.models, ({ id }) => id)
  const backends = diffList(before.backends, after.backends, ({ name }) => name)
  const pools = diffList(before.pools, after.pools, ({ name }) => name)
  const parts = [models, backends, pools]
  if (parts.every(({ changed, gone }) => changed.length === 0 && gone.length === 0)) return undefined
  return {
    type: 'delta',
    models: models.changed,
    backends: backends.changed,
    pools: pools.changed,
    gone: { models: models.gone, backends: backends.gone, pools: pools.gone },
  }
}

function diffList<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): { readonly changed: readonly Item[]; readonly gone: readonly string[] } {
  const known = new Map(before.map((item) => [keyOf(item), JSON.stringify(item)]))
  const changed = after.filter((item) => known.get(keyOf(item)) !== JSON.stringify(item))
  const left = new Set(after.map(keyOf))
  return { changed, gone: [...known.keys()].filter((key) => !left.has(key)) }
}
