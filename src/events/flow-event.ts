import type { BusEvent } from '../core/bus.ts'
import {
  type Flow,
  type FlowEdge,
  type FlowFacts,
  flowRelations,
  type FlowSource,
  flowSourceKinds,
  flowSourcesMax,
  type FlowStep,
  flowStepsMax,
  flowStepTypes,
} from '../core/flow.ts'
import { cloudEvent, type EventSource } from './cloud-event.ts'
import { EventFields } from './event-fields.ts'
import { EventUnreadable } from './event-unreadable.ts'
import { flowProblem } from './flow-problem.ts'
import { subjects } from './subjects.ts'

export const flowType = 'llmr.knowledge.flow.lineage.v1'

/** Of the body as JSON. */
export const flowBytesMax = 4_096

/** Which way a request took. What does not fit is left out, the least telling first, and the event says so. */
export function writeFlowEvent(flow: Flow, source: EventSource): BusEvent {
  const id = `${flow.requestId}/lineage`
  return {
    id,
    subject: subjects.lineage,
    headers: cloudEvent({ type: flowType, id, atMs: flow.startedAtMs, about: flow, source }),
    body: fittedBody(flow),
  }
}

/** @throws EventUnreadable for a version that is not known, and for what is not as it should be */
export function readFlowEvent({ headers, body }: BusEvent): Flow {
  const type = headers['ce-type']
  if (type !== flowType) throw new EventUnreadable(`expected ce-type ${flowType}, got ${type ?? 'none'}`)
  const flow = readFlow(new EventFields(body))
  const problem = flowProblem(flow)
  if (problem !== undefined) throw new EventUnreadable(problem)
  return flow
}

function fittedBody(flow: Flow): object {
  const whole = bodyOf(flow)
  if (fits(whole)) return whole
  const withoutUnused = { ...flow, sources: flow.sources.filter(({ isInjected }) => isInjected) }
  const less = { ...bodyOf(withoutUnused), is_cut: true }
  if (fits(less)) return less
  let bare: Flow = { ...flow, steps: flow.steps.map(withoutFacts), sources: [] }
  // Steps go back to earlier ones only: the first so many are a graph as well.
  while (!fits(bodyOf(bare)) && bare.steps.length > 1) bare = firstSteps(bare, Math.floor(bare.steps.length / 2))
  return { ...bodyOf(bare), is_cut: true }
}

function withoutFacts({ facts, ...step }: FlowStep, place: number): FlowStep {
  return place === 0 ? { ...step, facts } : step
}

function firstSteps(flow: Flow, count: number): Flow {
  return { ...flow, steps: flow.steps.slice(0, count), edges: flow.edges.filter(({ to }) => to < count) }
}

const cutMark = ',"is_cut":true'

function fits(body: object): boolean {
  return Buffer.byteLength(JSON.stringify(body)) <= flowBytesMax - cutMark.length
}

function bodyOf(flow: Flow) {
  return {
    request_id: flow.requestId,
    correlation_id: flow.correlationId,
    tenant: flow.tenant,
    principal: flow.principal,
    conversation: flow.conversation,
    operation: flow.operation,
    kind: flow.kind,
    model: flow.model,
    backend: flow.backend,
    status: flow.status,
    started_at_ms: flow.startedAtMs,
    duration_ms: flow.durationMs,
    steps: flow.steps.map(writeStep),
    edges: flow.edges.map(({ from, to, relation }) => [from, to, relation]),
    sources: flow.sources.map(writeSource),
  }
}

/** As events and the store have it. */
function writeStep({ type, startedUs, durationUs, hasFailed, ref, digest, facts }: FlowStep) {
  return { type, started_us: startedUs, duration_us: durationUs, failed: hasFailed, ref, digest, facts }
}

export function writeSource({ kind, ref, digest, rank, score, isInjected, tokens, reason }: FlowSource) {
  return { kind, ref, digest, rank, score, injected: isInjected, tokens, reason }
}

function readFlow(fields: EventFields): Flow {
  return {
    requestId: fields.text('request_id'),
    correlationId: fields.text('correlation_id'),
    tenant: fields.text('tenant'),
    principal: fields.text('principal'),
    conversation: fields.maybeText('conversation'),
    operation: fields.text('operation'),
    kind: fields.maybeText('kind'),
    model: fields.maybeText('model'),
    backend: fields.maybeText('backend'),
    status: fields.number('status'),
    startedAtMs: fields.milliseconds('started_at_ms'),
    durationMs: fields.milliseconds('duration_ms'),
    steps: atMost(fields.list('steps'), flowStepsMax, 'steps').map(readStep),
    edges: atMost(fields.list('edges'), flowStepsMax * 4, 'edges').map(readEdge),
    sources: atMost(fields.list('sources'), flowSourcesMax, 'sources').map(readSource),
  }
}

/** @throws EventUnreadable */
function readStep(value: unknown): FlowStep {
  const fields = new EventFields(value)
  return {
    type: fields.oneOf('type', flowStepTypes),
    startedUs: fields.number('started_us'),
    durationUs: fields.maybeNumber('duration_us'),
    hasFailed: fields.maybeFlag('failed'),
    ref: fields.maybeText('ref'),
    digest: fields.maybeText('digest'),
    facts: fields.maybeInner('facts') && readFacts(fields.object('facts')),
  }
}

/** @throws EventUnreadable */
function readEdge(value: unknown): FlowEdge {
  const [from, to, word]: readonly unknown[] = Array.isArray(value) ? value : []
  const relation = flowRelations.find((known) => known === word)
  if (typeof from !== 'number' || typeof to !== 'number' || relation === undefined)
    throw new EventUnreadable(`expected two places and one of ${flowRelations.join(', ')} as an edge`)
  return { from, to, relation }
}

function readSource(value: unknown): FlowSource {
  const fields = new EventFields(value)
  return {
    kind: fields.oneOf('kind', flowSourceKinds),
    ref: fields.text('ref'),
    digest: fields.maybeText('digest'),
    rank: fields.count('rank'),
    score: fields.maybeNumber('score'),
    isInjected: fields.flag('injected'),
    tokens: fields.maybeNumber('tokens'),
    reason: fields.maybeText('reason'),
  }
}

/** Whatever else a later version says there is passed over. */
function readFacts(facts: Readonly<Record<string, unknown>>): FlowFacts {
  const plain: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') plain[name] = value
  }
  return plain
}

function atMost(list: readonly unknown[], most: number, name: string): readonly unknown[] {
  if (list.length > most) throw new EventUnreadable(`expected at most ${most} ${name}, got ${list.length}`)
  return list
}
