import type { ChatOutline } from '../core/chat/chat-outline.ts'
import type { Operation } from '../core/operation.ts'
import type { TrustZone } from '../core/trust.ts'
import type { Catalogue } from './catalogue.ts'
import type { Classification } from './classify-request.ts'
import type { Heuristics } from './heuristics.ts'
import type { Intent } from './intent.ts'

export interface RouteInput {
  readonly request: RouteRequest
  readonly catalogue: Catalogue
  readonly routing: RoutingSettings
  /** What the intent model said, if it was asked and did not abstain. */
  readonly intent?: Intent
  /** Name of the model that the last request went to. */
  readonly lastUsedModel?: string
  /** Which models the key may use; all when absent. */
  readonly mayUseModel?: (model: string) => boolean
  /** The widest zone the key's requests may go to, beyond the zone of the model asked for. */
  readonly mayLeave?: TrustZone
  /** Say what else was considered. Costs time that only somebody who reads it should pay for. */
  readonly isExplained?: boolean
}

export interface RouteRequest {
  readonly operation: Operation
  /** As the client wrote it. */
  readonly model?: string
  readonly outline?: ChatOutline
  readonly classification: Classification
  /** Of the prompt, for a chat; what other operations carry may be a batch, where only each part has to fit. */
  readonly approximateTokens?: number
}

export interface RoutingSettings {
  /** For requests that name no model. */
  readonly defaultModel?: string
  readonly heuristics: Heuristics
}
