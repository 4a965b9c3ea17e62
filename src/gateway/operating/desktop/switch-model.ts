import { LlmrError, toLlmrError } from '../../../core/error.ts'
import { at, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { Residency } from '../../fleet/residency.ts'
import { noResidency } from '../admin-api.ts'
import { expectModel } from '../llama-swap/expect-model.ts'

/** Between signs of life while a model is brought in; also told at once when its phase changes. */
const progressEveryMs = 1_000

/**
 * Brings a model into memory and answers when it is there: `{"model": NAME}`. With `"stream": true` or when event streams
 * are accepted, the answer begins at once and tells how far it is. Always ends: by the model, by the reason why not, by the
 * longest wait of the queue, or with the client.
 *
 * @throws LlmrError why the model does not come
 */
export async function switchModel(exchange: Exchange, residency: Residency | undefined): Promise<void> {
  const wish = await readWish(exchange)
  const { name } = expectModel(residency ?? noResidency(), wish.model)
  const { record } = exchange
  record.requestedModel = wish.model
  record.model = name
  record.isStream = wish.isStream
  await (wish.isStream ? switchAloud : switchQuietly)(exchange, { name, residency: residency ?? noResidency() })
}

interface Switch {
  readonly name: string
  readonly residency: Residency
}

async function switchQuietly(exchange: Exchange, { name, residency }: Switch): Promise<void> {
  await load(exchange, { name, residency })
  if (!exchange.isClientGone) exchange.replyJson(200, readyFact(exchange, name))
}

async function switchAloud(exchange: Exchange, { name, residency }: Switch): Promise<void> {
  const tell = (type: string, facts: object): void => {
    exchange.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...facts })}\n\n`)
  }
  const tellProgress = (): void => tell('progress', progressFact(exchange, { name, residency }))
  let phase = residency.standing(name)?.phase
  exchange.beginEventStream()
  tellProgress()
  const timer = setInterval(tellProgress, progressEveryMs)
  const unwatch = residency.onChange(() => {
    const now = residency.standing(name)?.phase
    if (now === phase) return
    phase = now
    tellProgress()
  })
  try {
    await load(exchange, { name, residency })
    if (!exchange.isClientGone) tell('ready', readyFact(exchange, name))
    exchange.end()
  } catch (error) {
    exchange.fail(toLlmrError(error))
  } finally {
    unwatch()
    clearInterval(timer)
  }
}

async function load(exchange: Exchange, { name, residency }: Switch): Promise<void> {
  try {
    await residency.entrance.load(name, (cancel) => exchange.onClientGone(cancel))
  } finally {
    exchange.onClientGone(undefined)
  }
}

function readyFact(exchange: Exchange, model: string): object {
  return { status: 'ready', model, elapsed_ms: Math.round(exchange.elapsedMs()) }
}

function progressFact(exchange: Exchange, { name, residency }: Switch): object {
  const standing = residency.standing(name)
  return {
    status: standing?.phase === 'loading' ? 'loading' : standing?.phase === 'ready' ? 'ready' : 'waiting',
    model: name,
    elapsed_ms: Math.round(exchange.elapsedMs()),
    expected_load_ms: Math.round(standing?.expectedLoadMs ?? 0),
    ahead: Math.max(0, (standing?.queued ?? 1) - 1),
  }
}

async function readWish(exchange: Exchange): Promise<{ model: string; isStream: boolean }> {
  const json = parseForeignJson((await exchange.readBody()).toString())
  const model = textAt(json, 'model')
  if (model === undefined || model === '') {
    throw new LlmrError(
      'invalid_request',
      'Expected a JSON body such as {"model": "qwen3-8b"}, which names the model.',
      {
        param: 'model',
      },
    )
  }
  const accepted = exchange.request.headers.accept ?? ''
  return { model, isStream: at(json, 'stream') === true || accepted.includes('text/event-stream') }
}
