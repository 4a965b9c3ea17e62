import type { Store, StoreFamilies } from '../../src/store/open-store.ts'

/** A store with nothing in it but what is given; else what counts is whether it is open. */
export function fakeStore(families: Partial<StoreFamilies> = {}): Store & { state: 'open' | 'closed' } {
  const store: Store & { state: 'open' | 'closed' } = {
    engine: 'pglite',
    place: 'nowhere',
    responses: undefined as unknown as Store['responses'],
    conversations: undefined as unknown as Store['conversations'],
    turns: undefined as unknown as Store['turns'],
    forgotten: undefined as unknown as Store['forgotten'],
    recall: undefined as unknown as Store['recall'],
    records: undefined as unknown as Store['records'],
    forget: () => Promise.reject(new Error('nothing is kept here')),
    flows: undefined as unknown as Store['flows'],
    artifacts: undefined as unknown as Store['artifacts'],
    embeddings: undefined as unknown as Store['embeddings'],
    summaries: undefined as unknown as Store['summaries'],
    within: () => store,
    exportPage: () => Promise.reject(new Error('nothing is kept here')),
    bus: undefined as unknown as Store['bus'],
    ...families,
    state: 'open',
    ping: () => Promise.resolve(),
    isClosed: () => store.state === 'closed',
    close: () => {
      store.state = 'closed'
      return Promise.resolve()
    },
  }
  return store
}
