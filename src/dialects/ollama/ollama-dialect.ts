import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { LlmrError } from '../../core/error.ts'
import type { ChatCall, ChatDialect, ChatFacts } from '../chat-dialect.ts'
import type { Dialect } from '../dialect.ts'
import { Omissions } from '../omissions.ts'
import { readChat } from './read-chat.ts'
import { readGenerate } from './read-generate.ts'
import { readResidence } from './read-residence.ts'
import { ReplyStream } from './reply-stream.ts'
import { errorBody } from './write-error.ts'
import { type ReplyFacts, writeMoved, writeReply } from './write-reply.ts'

/** Ollama's endpoints, but for those that generate. */
export const ollamaPagesDialect: Dialect = {
  name: 'ollama',
  streamType: 'application/x-ndjson',
  writeError: writeErrorBody,
  writeStreamError: (error) => `${writeErrorBody(error)}\n`,
  // Lines of JSON have no room for comments; what streams here speaks for itself.
  keepAlive: { comment: '' },
}

/** Ollama's `/api/chat` and `/api/generate`. */
export const ollamaDialect: ChatDialect = { ...ollamaPagesDialect, readChat: readCall }

function readCall(json: Readonly<Record<string, unknown>>, chatFacts: ChatFacts): ChatCall {
  const omissions = new Omissions()
  const isGenerate = chatFacts.path.replace(/\/+$/, '').endsWith('/generate')
  const request = isGenerate ? readGenerate(json, omissions) : readChat(json, omissions)
  const facts: Omit<ReplyFacts, 'model'> = {
    createdAtMs: chatFacts.createdAtMs,
    elapsedMs: chatFacts.elapsedMs ?? (() => 0),
    shape: isGenerate ? 'generate' : 'chat',
    showsThinking: request.reasoning?.isWanted !== false,
  }
  return {
    request,
    notes: omissions.notes,
    writeReply: (reply, model) => JSON.stringify(writeReply(reply, { ...facts, model })),
    openStream: (model) => new ReplyStream({ ...facts, model }),
    residence: {
      ...readResidence(json['keep_alive']),
      ...(asksNothing(request) && {
        writeMoved: (moved, model) => `${JSON.stringify(writeMoved(moved, { ...facts, model }))}\n`,
      }),
    },
  }
}

/** Clients say so that a model is to be brought into memory, or put out of it. */
function asksNothing({ messages, completion }: ChatRequest): boolean {
  return messages.length === 0 && completion === undefined
}

function writeErrorBody(error: LlmrError): string {
  return JSON.stringify(errorBody(error))
}
