import type { Config } from '../../config/schema.ts'
import type { Bus } from '../../core/bus.ts'
import type { WorkerDefinition } from '../../core/worker-definition.ts'
import type { OwnGateway } from './side-model.ts'
import type { StoreAccess } from '../../store/store-access.ts'

/** What a process has for the workers in it. */
export interface WorkerSurroundings {
  readonly config: Config
  readonly store: Pick<StoreAccess, 'opened'>
  /** Rejects while it cannot be reached. */
  readonly bus: () => Promise<Bus>
  /** The gateway to be asked where no server is named. Throws when there is none. */
  readonly ownGateway: () => OwnGateway
}

/** Makes the workers that a gateway runs itself. Handed in, since what they are is no business of this folder. */
export type WorkerSet = (surroundings: WorkerSurroundings) => readonly WorkerDefinition[]
