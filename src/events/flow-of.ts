import {
  type Flow,
  type FlowEdge,
  type FlowRelation,
  type FlowSource,
  type FlowStep,
  type FlowStepType,
  flowStepsMax,
} from '../core/flow.ts'
import { defaultTenant } from '../core/principal.ts'
import type { RequestRecord } from '../core/request-record.ts'
import { attemptsOf, microseconds, short } from './flow-attempts.ts'

/**
 * Which way a request took, from what is known of it when it has ended: no text, at most 64 steps and 4 kB.
 *
 * @param sent SHA-256 of the body that each attempt sent, in their order
 */
export function flowOf(record: RequestRecord, sent: readonly (string | undefined)[] = []): Flow {
  const graph = new Graph(requestStep(record))
  const classified = graph.add(classifyStep(record), [root, 'informed-by'])
  const memory = addMemory(graph, record.flow?.steps ?? [], classified)
  addAttempts(graph, { record, sent, classified, injected: memory.inject })
  return {
    requestId: record.requestId,
    correlationId: record.correlationId,
    tenant: record.tenant ?? defaultTenant,
    principal: record.principal ?? 'anonymous',
    conversation: record.flow?.steps.findLast(({ type }) => type === 'resolve')?.ref,
    operation: record.operation ?? 'other',
    kind: record.kind,
    model: record.model,
    backend: record.backend,
    status: record.status,
    startedAtMs: record.startedAtMs,
    durationMs: Math.round(record.durationMs),
    steps: graph.steps,
    edges: graph.edges,
    sources: memory.retrieve === undefined ? [] : told(record.flow?.sources ?? [], memory.inject !== undefined),
  }
}

const root = 0

type Back = readonly [from: number, relation: FlowRelation]

/** Steps only ever come after those they go back to, so there are no circles, and one beginning. */
class Graph {
  readonly steps: FlowStep[]
  readonly edges: FlowEdge[] = []

  constructor(first: FlowStep) {
    this.steps = [first]
  }

  /** Its place; that of the first `back` where there is no room or no step. */
  add(step: FlowStep | undefined, ...back: readonly Back[]): number {
    if (step === undefined || this.steps.length >= flowStepsMax) return back[0]?.[0] ?? root
    const to = this.steps.push(step) - 1
    for (const [from, relation] of back) this.edges.push({ from, to, relation })
    return to
  }
}

function requestStep(record: RequestRecord): FlowStep {
  return {
    type: 'request',
    startedUs: 0,
    durationUs: microseconds(record.durationMs),
    hasFailed: record.errorCode !== undefined || record.status >= 400 || undefined,
    facts: {
      route: record.route,
      requested_model: short(record.requestedModel),
      status: record.status,
      error_code: record.errorCode,
      is_stream: record.isStream,
      is_client_gone: record.isClientGone || undefined,
      request_bytes: record.requestBytes,
      response_bytes: record.responseBytes,
    },
  }
}

function classifyStep({ kind, backgroundTask, timeline }: RequestRecord): FlowStep | undefined {
  if (kind === undefined) return undefined
  const intent = timeline.find(({ event }) => event === 'intent')
  return {
    type: 'classify',
    startedUs: 0,
    durationUs: intent && microseconds(intent.atMs),
    facts: { kind, task: backgroundTask, intent: short(intent?.detail) },
  }
}

const memorySteps: readonly FlowStepType[] = ['resolve', 'retrieve', 'rerank', 'inject']

/** In the order in which they stand to each other, whatever the order in which they were noted. */
function addMemory(graph: Graph, noted: readonly FlowStep[], classified: number) {
  const places: Partial<Record<FlowStepType, number>> = {}
  for (const type of memorySteps) {
    for (const step of noted.filter((one) => one.type === type)) {
      const back = memorySteps.slice(0, memorySteps.indexOf(type)).flatMap((earlier) => places[earlier] ?? [])
      const before = graph.steps.length
      const place = graph.add(step, [back.at(-1) ?? classified, type === 'inject' ? 'used' : 'informed-by'])
      if (graph.steps.length > before) places[type] = place
    }
  }
  return { retrieve: places.retrieve, inject: places.inject }
}

function addAttempts(
  graph: Graph,
  parts: {
    record: RequestRecord
    sent: readonly (string | undefined)[]
    classified: number
    injected: number | undefined
  },
): void {
  const { record, sent, classified, injected } = parts
  const routed = record.timeline.find(({ event }) => event === 'routed')
  const route = graph.add(
    routed && { type: 'route', startedUs: microseconds(routed.atMs), facts: { reason: short(record.reason) } },
    [classified, 'informed-by'],
  )
  const shown: Back[] = injected === undefined ? [] : [[injected, 'used']]
  let last: number | undefined
  let waited: number | undefined
  for (const step of attemptsOf(record, sent)) {
    switch (step.type) {
      case 'wait':
        waited = graph.add(step, [last ?? route, 'informed-by'])
        break
      case 'generate': {
        const isAgain = last !== undefined && waited === undefined
        last = graph.add(step, [waited ?? last ?? route, isAgain ? 'revision-of' : 'informed-by'], ...shown)
        waited = undefined
        break
      }
      default:
        graph.add(step, [last ?? route, 'derived-from'])
    }
  }
}

/** Nothing is shown to a model but by a step that says so. */
function told(sources: readonly FlowSource[], hasInjection: boolean): readonly FlowSource[] {
  return hasInjection ? sources : sources.map((source) => ({ ...source, isInjected: false }))
}
