import type { ModelDescription } from './model.ts'
import type { TrustZone } from './trust.ts'

/** One backend with one of its models that could serve a request. */
export interface Candidate {
  readonly backend: string
  readonly trust: TrustZone
  /** The engine's name for the model, which the request must carry to this backend. */
  readonly model: string
  /** What the backend said of the model; absent for a name that is taken on the operator's word. */
  readonly description?: ModelDescription
}
