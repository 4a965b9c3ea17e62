import { createHash } from 'node:crypto'

import { askChat } from '../../../backends/ask-chat.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { isWider } from '../../../core/trust.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { createHeuristics } from '../../../routing/heuristics.ts'
import { planQuestion, readPlan } from '../../../toolcalls/plan/plan-question.ts'
import { withPlan } from '../../../toolcalls/plan/plan-block.ts'
import { wantsPlan } from '../../../toolcalls/plan/wants-plan.ts'
import { plannerFor } from '../../configure/toolcall-settings.ts'
import type { BackendRuntime } from '../../fleet/backend-runtime.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { principalOf } from '../principal-of.ts'
import { noteReply, type NoteParts } from './note-reply.ts'
import { canBeSaidAnew, openVoice, readCall } from './read-call.ts'

export interface PlanParts extends NoteParts {
  readonly toolcalls: ToolcallsConfig
  /** Where the request may go. */
  readonly candidates: readonly Candidate[]
  readonly resolve: (model: string) => readonly Candidate[]
  readonly backend: (name: string) => BackendRuntime | undefined
}

type Settings = NonNullable<ReturnType<typeof plannerFor>>

/** Plans of the latest tasks, so that the rounds of a task all begin alike and engines find again what they have read. */
const plansMax = 500

/**
 * Plans that a small model drafts for work on code of several steps, before the request goes to the model that does it. Off
 * unless an operator names that model; it has its time, and whatever goes wrong costs the request nothing but that.
 */
export class DraftPlans {
  readonly #plans = new Map<string, string>()
  readonly #isCoding: (text: string) => boolean

  constructor() {
    const topicOf = createHeuristics({ threshold: 1 })
    this.#isCoding = (text) => topicOf(text)?.topic === 'coding'
  }

  /** The request with its plan, where it gets one. */
  withPlan(exchange: Exchange, intake: Intake, parts: PlanParts): Intake | Promise<Intake> {
    const settings = this.#settingsFor(exchange, intake, parts)
    const call = settings && (intake.chat ?? readCall(exchange, intake))
    if (settings === undefined || call === undefined || !canBeSaidAnew(call.request)) return intake
    const { messages, tools } = call.request
    const need = wantsPlan(
      messages,
      tools.map(({ name }) => name),
      this.#isCoding,
    )
    if (need === undefined) return intake
    const give = (plan: string | undefined): Intake => {
      if (plan === undefined || exchange.isClientGone) return intake
      noteReply(exchange, { kind: 'planned', detail: `${plan.split('\n').length} steps` }, parts)
      if (intake.chat === undefined) openVoice(exchange, intake, call)
      const request: ChatRequest = withPlan(call.request, plan)
      return { ...intake, chat: { ...call, request }, plan }
    }
    const key = createHash('sha256')
      .update(`${principalOf(exchange)}\n${parts.model}\n${need.task}`)
      .digest('hex')
    const known = this.#plans.get(key)
    if (known !== undefined || !need.isNew) return give(known)
    return this.#ask(exchange, need.task, settings, parts).then((plan) => {
      if (plan !== undefined) this.#remember(key, plan)
      return give(plan)
    })
  }

  #settingsFor(exchange: Exchange, { operation, classification }: Intake, parts: PlanParts): Settings | undefined {
    const { headers } = exchange.request
    if (operation !== 'chat' || isFromGateway(exchange)) return undefined
    if (classification.kind !== 'user' && classification.kind !== 'agent') return undefined
    if (headers['x-llmr-plan'] === 'off' || headers['x-llmr-guard'] === 'off') return undefined
    return plannerFor(parts.toolcalls, parts.model)
  }

  /** Undefined whatever goes wrong. */
  async #ask(exchange: Exchange, task: string, settings: Settings, parts: PlanParts): Promise<string | undefined> {
    const planner = plannerAt(settings, parts)
    if (planner === undefined) {
      exchange.note('plan-skipped', `${settings.model} is not at hand`)
      return undefined
    }
    const leaving = new AbortController()
    exchange.onClientGone(() => leaving.abort(new Error('the client is gone')))
    try {
      const question = planQuestion(task, { model: planner.candidate.model, maxTokens: settings.maxTokens })
      const { timeoutMs } = settings
      const { text } = await askChat(planner.backend.connection, question, { timeoutMs, signal: leaving.signal })
      const plan = readPlan(text)
      if (plan === undefined) exchange.note('plan-skipped', 'it wrote none')
      return plan
    } catch (error) {
      // Without a plan the model does what it would have done without a planner.
      exchange.note('plan-skipped', `failed: ${error instanceof Error ? error.name : 'unknown'}`)
      return undefined
    } finally {
      exchange.onClientGone(undefined)
    }
  }

  #remember(key: string, plan: string): void {
    this.#plans.set(key, plan)
    const [oldest] = this.#plans.keys()
    if (this.#plans.size > plansMax && oldest !== undefined) this.#plans.delete(oldest)
  }
}

/** A task is shown to no place that is farther away than those it may be done at. */
function plannerAt({ model }: Settings, { resolve, backend, candidates }: PlanParts) {
  for (const candidate of resolve(model)) {
    const runtime = backend(candidate.backend)
    if (runtime === undefined || candidates.every(({ trust }) => isWider(candidate.trust, trust))) continue
    return { candidate, backend: runtime }
  }
  return undefined
}
