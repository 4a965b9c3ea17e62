import { join } from 'node:path'

import type { Connection } from '../../backends/connection.ts'
import type { Logger } from '../../core/logger.ts'
import { openEngineConnection } from '../engine-connection.ts'
import type { InstanceHooks, Ready } from '../instance/instance.ts'
import type { LaunchPlan } from '../launch-plan.ts'
import { listSlots } from './slot-calls.ts'
import type { HeldSlot } from './slot-calls.ts'
import { SlotKeeper } from './slot-keeper.ts'
import type { RestoredSlot, SlotOwner } from './slot-keeper.ts'
import { WarmConversations } from './warm-conversations.ts'

/** Where engines keep conversations while their model is out of memory. */
export function slotFolderIn(dataDirectory: string): string {
  return join(dataDirectory, 'slots')
}

/** What the reply to one request of a conversation has shown. */
export interface ServedConversation {
  readonly conversation: string
  readonly promptTokens: number
  /** How many of those were in the engine's cache. */
  readonly cachedTokens: number
  readonly completionTokens: number
  /** From the request to the first byte of a stream; absent where that says nothing about how prompts are read. */
  readonly firstByteMs?: number
}

export interface ConversationSaverOptions {
  readonly dataDirectory: string
  readonly bytesMax: number
  readonly logger: Logger
  /** Conversations of requests that wait for a model at this moment. */
  readonly awaited: (model: string) => ReadonlySet<string>
}

interface EngineMemory {
  readonly owner: SlotOwner
  readonly warm: WarmConversations
  /** Those put back that have not asked since, by conversation. */
  readonly restored: Map<string, RestoredSlot>
}

/** A prompt shorter than this is mostly waiting. */
const measuredTokensMin = 256

/**
 * Has conversations survive swaps: notices which are warm, has them saved before their engine ends and put back before its
 * first request, and looks whether that was of use.
 */
export class ConversationSaver {
  readonly #options: ConversationSaverOptions
  readonly #keeper: SlotKeeper
  readonly #engines = new Map<string, EngineMemory>()
  #isEnding = false

  /** For engines whose plan has a slot folder. */
  readonly hooks: InstanceHooks = {
    afterReady: (ready, signal) => this.#restore(ready, signal),
    beforeStop: (ready, signal) => this.#save(ready, signal),
  }

  private constructor(options: ConversationSaverOptions, keeper: SlotKeeper) {
    this.#options = options
    this.#keeper = keeper
  }

  /** @throws the system's error when there is no folder to keep them in. */
  static async open(options: ConversationSaverOptions): Promise<ConversationSaver> {
    const { dataDirectory, bytesMax, logger } = options
    const keeper = await SlotKeeper.open({ folder: slotFolderIn(dataDirectory), bytesMax, logger })
    return new ConversationSaver(options, keeper)
  }

  served(model: string, served: ServedConversation): void {
    const engine = this.#engines.get(model)
    if (engine === undefined) return
    const { conversation, promptTokens, cachedTokens, completionTokens, firstByteMs = 0 } = served
    const restored = engine.restored.get(conversation)
    if (restored !== undefined) {
      engine.restored.delete(conversation)
      this.#keeper.observe(engine.owner, { restoredTokens: restored.tokens, promptTokens, cachedTokens })
    }
    const readTokens = promptTokens - cachedTokens
    if (firstByteMs > 0 && readTokens >= measuredTokensMin) {
      this.#keeper.measuredPrefill(engine.owner, (1_000 * readTokens) / firstByteMs)
    }
    engine.warm.served(conversation, promptTokens + completionTokens)
  }

  /** After a change of the configuration. */
  async configure({
    bytesMax,
    models,
  }: {
    readonly bytesMax: number
    readonly models: Iterable<string>
  }): Promise<void> {
    this.#keeper.limitTo(bytesMax)
    await this.#keeper.retain(new Set(models))
  }

  /** Nothing is saved from here on: nobody would read it. */
  end(): void {
    this.#isEnding = true
  }

  /** Deletes what is saved. May be called twice. */
  async close(): Promise<void> {
    this.end()
    await this.#keeper.close()
  }

  async #restore({ model, plan }: Ready, signal: AbortSignal): Promise<void> {
    this.#engines.delete(model)
    if (plan.slotFolder === undefined) return
    const owner = ownerOf(plan)
    const warm = new WarmConversations()
    const restored = new Map<string, RestoredSlot>()
    this.#engines.set(model, { owner, warm, restored })
    const awaited = this.#options.awaited(model)
    await withConnection(plan, async (connection) => {
      for (const slot of await this.#keeper.restore({ connection, owner, awaited, signal })) {
        restored.set(slot.conversation, slot)
        warm.served(slot.conversation, slot.tokens)
      }
    })
  }

  async #save({ model, plan }: Ready, signal: AbortSignal): Promise<void> {
    const engine = this.#engines.get(model)
    this.#engines.delete(model)
    if (engine === undefined || this.#isEnding || !this.#keeper.isOn(engine.owner)) return
    const { owner, warm, restored } = engine
    await withConnection(plan, async (connection) => {
      const slots = await listSlots({ connection, signal })
      await this.#keeper.save({ connection, owner, slots: warm.find(withRestored(slots, restored)), signal })
    })
  }
}

/** The engine tells of no tokens in a slot that has not worked since it was put back. */
function withRestored(slots: readonly HeldSlot[], restored: ReadonlyMap<string, RestoredSlot>): readonly HeldSlot[] {
  const bySlot = new Map(Array.from(restored.values(), ({ slotId, tokens }) => [slotId, tokens]))
  return slots.map(({ slotId, tokens }) => ({ slotId, tokens: tokens || (bySlot.get(slotId) ?? 0) }))
}

function ownerOf({ name, argv, port }: LaunchPlan): SlotOwner {
  return { model: name, command: argv.filter((word) => word !== String(port)).join(' ') }
}

async function withConnection(plan: LaunchPlan, ask: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = openEngineConnection(plan)
  try {
    await ask(connection)
  } finally {
    await connection.destroy()
  }
}
