import type { BackendDescription, BackendSettings } from '../../core/backend.ts'
import type { Capabilities, ModelDescription } from '../../core/model.ts'
import { adapterOf } from '../adapter-of.ts'
import { type Connection, openConnection } from '../connection.ts'
import { type Deadline, describeBackend } from '../describe-backend.ts'
import { checkChat } from './check-chat.ts'
import { checkContext } from './check-context.ts'
import { checkEmbedding } from './check-embedding.ts'
import { checkFailure } from './check-failure.ts'
import { checkRerank } from './check-rerank.ts'
import { checkTools } from './check-tools.ts'
import { checkVision } from './check-vision.ts'
import { type ProbeCheck, type ProbeReport, verdictOf } from './probe-report.ts'
import { type ProbePermissions, type SelectedModel, selectModels } from './select-models.ts'

export interface ProbeOptions extends ProbePermissions {
  /** For reaching the backend and asking what it has. */
  readonly describeTimeoutMs: number
  /** For each inference, loading the model included. */
  readonly inferenceTimeoutMs: number
  readonly signal?: AbortSignal
  /** On which lane tools reach a model; absent: nobody wants to know. */
  readonly checkLane?: LaneCheck
}

export type LaneCheck = (target: {
  readonly connection: Connection
  readonly description: BackendDescription
  readonly model: ModelDescription
  readonly deadline: Deadline
}) => Promise<ProbeCheck>

/**
 * Looks at one backend as a client would use it: reaches it, asks what it is, and makes its loaded models infer. One
 * inference at a time, so that the figures are those of an idle engine.
 *
 * @throws the signal's reason when the caller gave up; everything that the backend does wrong is in the report.
 */
export async function probeBackend(settings: BackendSettings, options: ProbeOptions): Promise<ProbeReport> {
  const { describeTimeoutMs, inferenceTimeoutMs } = options
  const connection = openConnection(settings, {
    connectTimeoutMs: describeTimeoutMs,
    firstByteTimeoutMs: inferenceTimeoutMs,
    idleTimeoutMs: inferenceTimeoutMs,
  })
  try {
    const reached = await reach(connection, deadlineOf(options, describeTimeoutMs))
    if (!('description' in reached)) return report(settings, [reached.check])
    const { check, description } = reached
    const selected = selectModels(description.models, settings, options)
    const checks: ProbeCheck[] = [check]
    for (const model of selected) {
      checks.push(...(await probeModel({ connection, description, selected: model, options })))
    }
    return report(settings, checks, { ...description, models: selected.map(({ model }) => model) })
  } finally {
    await connection.destroy()
  }
}

function deadlineOf({ signal }: ProbeOptions, timeoutMs: number): Deadline {
  return { timeoutMs, ...(signal !== undefined && { signal }) }
}

type Reached = { readonly check: ProbeCheck; readonly description: BackendDescription } | { readonly check: ProbeCheck }

async function reach(connection: Connection, deadline: Deadline): Promise<Reached> {
  const startedAtMs = performance.now()
  try {
    const description = await describeBackend(connection, deadline)
    const answeredInMs = Math.round(performance.now() - startedAtMs)
    if (description.isLoading === true) {
      const detail = 'It is loading its model now: probe it again when it has.'
      return { check: { step: 'reach', outcome: 'finding', detail }, description }
    }
    const measured = { answeredInMs, models: description.models.length }
    const detail = `answered in ${answeredInMs} ms and lists ${counted(description.models.length)}`
    return { check: { step: 'reach', outcome: 'passed', detail, measured }, description }
  } catch (error) {
    return { check: checkFailure(error, { step: 'reach' }) }
  }
}

function counted(models: number): string {
  return models === 1 ? '1 model' : `${models} models`
}

interface ModelProbe {
  readonly connection: Connection
  readonly description: BackendDescription
  readonly selected: SelectedModel
  readonly options: ProbeOptions
}

async function probeModel({ connection, description, selected, options }: ModelProbe): Promise<readonly ProbeCheck[]> {
  const { model, skipped } = selected
  const step = mainStep(model.capabilities)
  if (step === undefined) return []
  if (skipped !== undefined) return [{ step, model: model.id, outcome: 'skipped', detail: skipped }]
  const deadline = deadlineOf(options, options.inferenceTimeoutMs)
  switch (step) {
    case 'embedding':
      return [await checkEmbedding(connection, model.id, deadline)]
    case 'rerank':
      return [await checkRerank(connection, model.id, deadline)]
    case 'chat':
      return probeChatModel({ connection, description, model, deadline, checkLane: options.checkLane })
  }
}

/** What a model is for, as far as it is known; for anything else than these three there is no probe. */
function mainStep({ chat, embedding, rerank, ...other }: Capabilities): 'chat' | 'embedding' | 'rerank' | undefined {
  if (chat !== true && embedding === true) return 'embedding'
  if (chat !== true && rerank === true) return 'rerank'
  const isForOtherThings =
    other.moderation === true || other.transcription === true || other.speech === true || other.image === true
  return chat === false || (chat === undefined && isForOtherThings) ? undefined : 'chat'
}

interface ChatModelProbe {
  readonly connection: Connection
  readonly description: BackendDescription
  readonly checkLane: LaneCheck | undefined
  readonly model: ModelDescription
  readonly deadline: Deadline
}

/** A model that does not answer is asked nothing more. */
async function probeChatModel({
  connection,
  description,
  model,
  deadline,
  checkLane,
}: ChatModelProbe): Promise<readonly ProbeCheck[]> {
  const chat = await checkChat(connection, model.id, deadline)
  if (chat.outcome === 'failed') return [chat]
  const loaded = model.isLoaded === true ? model : await asLoaded(connection, model, deadline)
  return [
    chat,
    checkContext(loaded, connection.settings.contextLength),
    await checkTools({ connection, adapter: adapterOf(description.kind), model: loaded, deadline }),
    ...(checkLane === undefined ? [] : [await checkLane({ connection, description, model: loaded, deadline })]),
    ...(loaded.capabilities.vision === true ? [await checkVision(connection, model.id, deadline)] : []),
  ]
}

/** Most engines know a model's context only once it runs. */
async function asLoaded(
  connection: Connection,
  model: ModelDescription,
  deadline: Deadline,
): Promise<ModelDescription> {
  const { models } = await describeBackend(connection, deadline)
  return models.find(({ id }) => id === model.id) ?? model
}

function report(
  { name, url, trust }: BackendSettings,
  checks: readonly ProbeCheck[],
  description?: BackendDescription,
): ProbeReport {
  return {
    name,
    url,
    trust,
    ...(description !== undefined && { kind: description.kind }),
    ...(description?.version !== undefined && { version: description.version }),
    ...(description?.slots !== undefined && { slots: description.slots }),
    verdict: verdictOf(checks),
    checks,
    models: description?.models ?? [],
  }
}
