import type { Operation } from '../../core/operation.ts'
import type { Exchange } from '../../http/exchange.ts'
import { forwardRequest, type ForwardParts } from './forward-request.ts'
import { acceptHop } from './hops.ts'
import { takeIn } from './intake.ts'
import { giveContext, type GiveContextParts } from './memory/give-context.ts'
import type { Remembering } from './memory/remembering.ts'
import { moderate } from './moderate.ts'
import { keepFor, moveModel } from './move-model.ts'
import type { Router } from './router.ts'
import { hasMedia, type ImageSettings, settleImages } from './settle-images.ts'
import type { DraftPlans } from './toolcalls/draft-plans.ts'
import { prepareIntake } from './toolcalls/prepare-intake.ts'

export interface ServeParts extends ForwardParts, Pick<GiveContextParts, 'recaller' | 'recall'> {
  readonly router: Router
  readonly images: ImageSettings
  /** Finds out which conversation a request belongs to; absent: nobody is remembered. */
  readonly remembering: Remembering | undefined
  readonly draftPlans: DraftPlans
}

/**
 * One request to a model, from its body to its reply.
 *
 * @throws LlmrError whatever keeps it from being served; the edge puts it into the client's dialect
 */
export async function serveOperation(exchange: Exchange, operation: Operation, parts: ServeParts): Promise<void> {
  acceptHop(exchange, parts.instanceId)
  const intake = await takeIn(exchange, operation, parts.replies)
  if (exchange.isClientGone) return
  parts.recordings.see(exchange, intake)
  if (intake.chat?.keep !== undefined) parts.replies.warm()
  const residence = intake.chat?.residence ?? intake.restated?.residence
  if (residence?.writeMoved !== undefined) return moveModel(exchange, intake, residence, parts)
  if (operation === 'moderation') return moderate(exchange, intake, parts)

  const remembered = parts.remembering?.begin(exchange, intake)
  const route = parts.router.route(exchange, intake)
  const { decision, plan, reasonOf } = route instanceof Promise ? await route : route
  exchange.note('routed', `${decision.model}: ${decision.reason}`)
  const settled = hasMedia(intake) ? await settleImages(exchange, intake, parts.images) : intake
  if (exchange.isClientGone) return
  const prepared = prepareIntake(exchange, settled, { ...parts, model: decision.model })
  const { model, candidates } = decision
  const informed =
    remembered === undefined ? prepared : await giveContext(exchange, prepared, { ...parts, remembered, candidates })
  const planned = parts.draftPlans.withPlan(exchange, informed, {
    ...parts,
    model,
    candidates,
    resolve: (name) => parts.router.catalogue.resolve(name)?.candidates ?? [],
    backend: (name) => parts.fleet.get(name),
  })
  const ready = planned instanceof Promise ? await planned : planned
  if (exchange.isClientGone) return
  await forwardRequest(exchange, ready, plan, reasonOf, parts)
  keepFor(exchange, { backend: exchange.record.backend, idleMs: residence?.idleMs, residency: parts.residency })
}
