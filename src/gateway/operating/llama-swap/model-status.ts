import type { GatewayState, Residence } from '../../../core/gateway-state.ts'
import type { ListedModel } from '../../../routing/list-models.ts'

/** One model, as llama-swap's event stream tells of it. */
interface ModelStatus {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly state: 'ready' | 'starting' | 'stopping' | 'stopped' | 'unknown'
  readonly unlisted: false
  /** The backend that has it, where that is not llmr's own. */
  readonly peerID: string
  readonly aliases: readonly string[]
  readonly context_length?: number
}

const states: Readonly<Record<Residence, ModelStatus['state']>> = {
  loaded: 'ready',
  loading: 'starting',
  unloading: 'stopping',
  unloaded: 'stopped',
  unknown: 'unknown',
}

/** @param isOwn whether llmr starts that model itself */
export function modelStatuses(
  state: GatewayState,
  { listed, isOwn }: { readonly listed: readonly ListedModel[]; readonly isOwn: (model: string) => boolean },
): readonly ModelStatus[] {
  const standings = new Map(state.models.map((model) => [model.id, model]))
  return listed.map(({ id, aliases, contextLength }) => {
    const standing = standings.get(id)
    return {
      id,
      name: id,
      description: '',
      state: states[standing?.residence ?? 'unknown'],
      unlisted: false,
      peerID: isOwn(id) ? '' : (standing?.backends[0] ?? ''),
      aliases,
      ...(contextLength !== undefined && { context_length: contextLength }),
    }
  })
}
