import { call, expectJson } from '../../backends/call.ts'
import type { Connection } from '../../backends/connection.ts'
import { countAt, listAt, numberAt } from '../../core/foreign-json.ts'

export interface SlotCall {
  readonly connection: Connection
  readonly slotId: number
  /** A name without a path, in the folder that the engine was started with (`--slot-save-path`). */
  readonly fileName: string
  readonly signal: AbortSignal
}

/** A slot of the engine, and what it holds. */
export interface HeldSlot {
  readonly slotId: number
  /**
   * Tokens whose state it holds: those of its last prompt and of the reply, but for the very last. 0 also for one that was
   * restored and has not worked since.
   */
  readonly tokens: number
}

/** @throws BackendFailure when the engine does not tell, as with `--no-slots`. */
export async function listSlots({
  connection,
  signal,
}: Pick<SlotCall, 'connection' | 'signal'>): Promise<readonly HeldSlot[]> {
  const reply = expectJson(connection, await call(connection, { method: 'GET', path: '/slots', signal }))
  return listAt(reply).flatMap((slot) => {
    const slotId = numberAt(slot, 'id')
    return slotId === undefined ? [] : [{ slotId, tokens: countAt(slot, 'n_prompt_tokens') ?? 0 }]
  })
}

/** Tokens saved. @throws BackendFailure when the engine refuses, as one does that was started without the flag. */
export async function saveSlot(slot: SlotCall): Promise<number> {
  return numberAt(await act(slot, 'save'), 'n_saved') ?? 0
}

/** Tokens restored. @throws BackendFailure when the engine cannot use the file. */
export async function restoreSlot(slot: SlotCall): Promise<number> {
  return numberAt(await act(slot, 'restore'), 'n_restored') ?? 0
}

async function act({ connection, slotId, fileName, signal }: SlotCall, action: 'save' | 'restore'): Promise<unknown> {
  const path = `/slots/${slotId}?action=${action}`
  return expectJson(connection, await call(connection, { method: 'POST', path, json: { filename: fileName }, signal }))
}
