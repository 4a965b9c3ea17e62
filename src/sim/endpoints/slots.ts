import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { badRequest, EngineError, notSupported } from '../engine-error.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { stringField } from '../json-fields.ts'

/** `GET /slots`; with `fail_on_no_slot=1` a full engine is 503. */
export async function listSlots({ engine, request, reply }: Exchange): Promise<void> {
  const { slots } = engine.pool
  if (request.query.get('fail_on_no_slot') === '1' && slots.every(({ isBusy }) => isBusy)) {
    throw new EngineError({ status: 503, type: 'unavailable_error', message: 'no slot available' })
  }
  reply.sendJson(
    200,
    slots.map(({ id, isBusy, tokens }) => ({
      id,
      n_ctx: engine.settings.contextLength,
      speculative: false,
      is_processing: isBusy,
      n_prompt_tokens: tokens.length,
    })),
  )
}

/** `POST /slots/{id}?action=save|restore|erase`; waits until the slot is free. */
export async function actOnSlot(exchange: Exchange): Promise<void> {
  const { engine, request, reply, parameters, signal } = exchange
  const folder = engine.settings.slotSavePath
  if (folder === undefined) {
    throw notSupported('This server does not support slots action. Start it with `--slot-save-path`')
  }
  const slotId = Number(parameters['id'])
  if (!engine.pool.slots.some(({ id }) => id === slotId)) throw badRequest('Invalid slot ID')
  const act = actions.get(request.query.get('action') ?? '')
  if (!act) throw badRequest('Invalid action')
  const fileOf = (): string => join(folder, fileName(exchange))

  const lease = await engine.pool.lease({ prompt: [], slotId, mayUseCache: false, signal })
  let tokens = lease.slot.tokens
  try {
    const done = await act({ tokens, fileOf })
    tokens = done.tokens
    reply.sendJson(200, { id_slot: slotId, ...done.facts })
  } finally {
    lease.release(tokens)
  }
}

interface Action {
  readonly tokens: readonly number[]
  readonly fileOf: () => string
}

interface Done {
  readonly tokens: readonly number[]
  readonly facts: Readonly<Record<string, unknown>>
}

const actions: ReadonlyMap<string, (action: Action) => Promise<Done>> = new Map([
  ['save', save],
  ['restore', restore],
  ['erase', erase],
])

async function save({ tokens, fileOf }: Action): Promise<Done> {
  const file = fileOf()
  const text = JSON.stringify({ format: savedFormat, tokens })
  await writeFile(file, text)
  return { tokens, facts: { ...named(file), n_saved: tokens.length, n_written: text.length, timings: { save_ms: 0 } } }
}

async function restore({ fileOf }: Action): Promise<Done> {
  const file = fileOf()
  const { tokens, bytes } = await readSaved(file)
  return { tokens, facts: { ...named(file), n_restored: tokens.length, n_read: bytes, timings: { restore_ms: 0 } } }
}

async function erase({ tokens }: Action): Promise<Done> {
  return { tokens: [], facts: { n_erased: tokens.length } }
}

/** The simulated engine's own files; the real one's are not read, nor the other way round. */
const savedFormat = 'llmr-simulated-slot/1'

async function readSaved(file: string): Promise<{ tokens: readonly number[]; bytes: number }> {
  const wrong = badRequest('Unable to restore slot: No available space in KV cache or invalid slot save file')
  try {
    const text = await readFile(file, 'utf8')
    const saved: unknown = JSON.parse(text)
    if (!isSaved(saved)) throw wrong
    return { tokens: saved.tokens, bytes: text.length }
  } catch {
    throw wrong // whatever was wrong with the file, this is all that the engine says
  }
}

function isSaved(value: unknown): value is { readonly tokens: readonly number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === savedFormat &&
    'tokens' in value &&
    Array.isArray(value.tokens)
  )
}

function fileName({ request }: Exchange): string {
  const name = stringField(jsonBody(request), 'filename')
  if (name === undefined) throw badRequest("[json.exception.out_of_range.403] key 'filename' not found")
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name)) throw badRequest('Invalid filename')
  return name
}

function named(file: string): { readonly filename: string } {
  return { filename: file.slice(file.lastIndexOf('/') + 1) }
}
