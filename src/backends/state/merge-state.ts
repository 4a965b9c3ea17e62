import type { GatewayState, GatewayStateEvent } from '../../core/gateway-state.ts'

/** What is known after an event. `sequence` is that of the last one. */
export interface KnownState {
  readonly sequence: number
  readonly state: GatewayState
}

/** `undefined`: something was missed, and only a new snapshot helps. */
export function mergeState(before: KnownState | undefined, event: GatewayStateEvent): KnownState | undefined {
  const { sequence } = event
  if (event.type === 'snapshot') return { sequence, state: event.state }
  if (before === undefined || sequence !== before.sequence + 1) return undefined
  const { state } = before
  return {
    sequence,
    state: {
      ...state,
      models: mergeList(state.models, { changed: event.models, gone: event.gone.models, keyOf: ({ id }) => id }),
      backends: mergeList(state.backends, { ...named, changed: event.backends, gone: event.gone.backends }),
      pools: mergeList(state.pools, { ...named, changed: event.pools, gone: event.gone.pools }),
    },
  }
}

const named = { keyOf: ({ name }: { readonly name: string }): string => name }

function mergeList<Item>(
  before: readonly Item[],
  { changed, gone, keyOf }: { changed: readonly Item[]; gone: readonly string[]; keyOf: (item: Item) => string },
): readonly Item[] {
  const items = new Map(before.map((item) => [keyOf(item), item]))
  for (const key of gone) items.delete(key)
  for (const item of changed) items.set(keyOf(item), item)
  return [...items.values()]
}
