import { LlmrError } from '../../core/error.ts'
import { requireScope } from '../../http/auth/authorize.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ResidenceWish } from '../../dialects/chat-dialect.ts'
import type { Residency } from '../fleet/residency.ts'
import type { Intake } from './intake.ts'
import type { Router } from './router.ts'

export interface MoveParts {
  readonly router: Router
  readonly residency: Residency | undefined
}

/**
 * Carries out a request that asks nothing of a model but to be brought into memory, or to leave it as soon as it has nothing
 * to do. What llmr did not start is loaded by its own server when it is asked, and nothing is done for it here.
 *
 * @throws LlmrError why it does not come; `forbidden` without the scope `admin` for one that is to go
 */
export async function moveModel(
  exchange: Exchange,
  intake: Intake,
  { idleMs, writeMoved }: ResidenceWish,
  { router, residency }: MoveParts,
): Promise<void> {
  if (intake.model === undefined) throw namesNoModel()
  const { model, candidates } = router.decide(exchange, intake)
  const managed = candidates.find(({ backend }) => residency?.managed.has(backend) === true)?.backend
  exchange.record.model = model
  const isUnload = idleMs === 0
  if (isUnload && exchange.principal !== undefined) requireScope(exchange.principal, 'admin')
  if (managed !== undefined && residency !== undefined) {
    if (!isUnload) await load(exchange, managed, residency)
    keepFor(exchange, { backend: managed, idleMs, residency })
  } else if (isUnload) throw notOurs(model)
  if (exchange.isClientGone) return
  const contentType = intake.request.isStream ? exchange.dialect.streamType : undefined
  const body = writeMoved?.(isUnload ? 'unload' : 'load', intake.model) ?? ''
  exchange.reply(200, ['content-type', contentType ?? 'application/json'], Buffer.from(body))
}

/**
 * From now until it has gone, a model stays so long without a request. A wish of keys that may unload models; others leave it at
 * what the operator said.
 */
export function keepFor(
  exchange: Exchange,
  parts: { backend: string | undefined; idleMs: number | undefined; residency: Residency | undefined },
): void {
  const { backend, idleMs, residency } = parts
  if (idleMs === undefined || backend === undefined || residency?.managed.has(backend) !== true) return
  if (exchange.principal?.scopes.has('admin') === false) {
    exchange.note('left-out', 'keep_alive, which needs the scope admin')
    return
  }
  residency.idle(backend, idleMs)
}

async function load(exchange: Exchange, name: string, residency: Residency): Promise<void> {
  try {
    await residency.entrance.load(name, (cancel) => exchange.onClientGone(cancel))
  } finally {
    exchange.onClientGone(undefined)
  }
}

/** Which model a chat goes to can be guessed; which is to be brought into memory for nobody, cannot. */
function namesNoModel(): LlmrError {
  return new LlmrError(
    'invalid_request',
    'Expected "model" and something to say. A request without messages or a prompt loads the model that it names; this one names none.',
    { param: 'model', isRetryable: false },
  )
}

function notOurs(model: string): LlmrError {
  return new LlmrError('not_supported', `llmr did not start the engine of ${model}, so it does not unload it.`, {
    isRetryable: false,
  })
}
