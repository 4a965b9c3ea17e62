import type { Message } from '../../core/chat/message.ts'
import type { ConversationClaims, ConversationKey } from '../../core/conversation-claims.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import { readChat } from '../../dialects/openai/chat/read-chat.ts'
import type { Exchange } from '../../http/exchange.ts'
import { claimsOf } from '../../memory/identity/claims-of.ts'
import { userTextOf } from '../../memory/identity/user-text-of.ts'
import type { Intake } from '../request/intake.ts'
import { scopeOf } from '../request/memory/scope-of.ts'

/** What is to be told of the request itself, whatever is said in reply. */
export interface Asked {
  readonly scope: MemoryScope
  readonly messages: readonly Message[]
  /** Absent where nobody says anything. */
  readonly claims: ConversationClaims | undefined
  readonly userText: string
}

/** Made while the engine works, since a long history takes milliseconds; or when it is needed, if that comes first. */
export class AskedTurn {
  readonly #read: () => Asked
  #asked: Asked | undefined

  constructor(exchange: Exchange, intake: Intake) {
    this.#read = () => readAsked(exchange, intake)
    setImmediate(() => this.#prepare())
  }

  asked(): Asked {
    return (this.#asked ??= this.#read())
  }

  #prepare(): void {
    try {
      this.asked()
    } catch {
      // Whoever needs it gets the same error, and says so.
    }
  }
}

function readAsked(exchange: Exchange, intake: Intake): Asked {
  const scope = scopeOf(exchange)
  const messages = messagesOf(intake)
  return {
    scope,
    messages,
    claims: claimsOf({ scope, messages, key: keyOf(exchange) }),
    userText: userTextOf(messages),
  }
}

function messagesOf({ chat, request }: Intake): readonly Message[] {
  return (chat?.request ?? (request.json && readChat(request.json).request))?.messages ?? []
}

function keyOf({ request }: Exchange): ConversationKey | undefined {
  const value = request.headers['x-llmr-conversation']
  return typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value) ? { source: 'llmr', key: value } : undefined
}
