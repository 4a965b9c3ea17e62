import { listAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { ChatCall, ChatDialect, ChatFacts } from '../chat-dialect.ts'
import { Omissions } from '../omissions.ts'
import { openaiErrorFields } from '../openai-error.ts'
import { progressComment } from '../progress-sentence.ts'
import { namedInputItems } from './input-items.ts'
import { readChat, sealedReasoning } from './read-chat.ts'
import { readInput } from './read-input.ts'
import { readTools } from './read-tools.ts'
import { conversationOf, readReferences, withReferences } from './references.ts'
import type { ReasoningStyle, ResponseFacts } from './response-facts.ts'
import { ResponseStream } from './response-stream.ts'
import { keptReply, wholeResponse } from './stored-response.ts'
import { writeEcho } from './write-echo.ts'

/** OpenAI's responses. */
export const openaiResponsesDialect: ChatDialect = {
  name: 'openai-responses',
  writeError: (error) => JSON.stringify({ error: openaiErrorFields(error) }),
  writeStreamError: (error) => {
    const fields = openaiErrorFields(error)
    const data = { ...fields, type: 'error', sequence_number: 0, error: fields }
    return `event: error\ndata: ${JSON.stringify(data)}\n\n`
  },
  tokenCountFields: { object: 'response.input_tokens' },
  keepAlive: { comment: ': keep-alive\n\n' },
  writeProgress: progressComment,
  readReferences,
  readChat: readCall,
}

function readCall(json: Readonly<Record<string, unknown>>, chat: ChatFacts): ChatCall {
  const { requestId, createdAtMs, earlier } = chat
  const omissions = new Omissions()
  const { tools, names } = readTools(json['tools'], omissions)
  const own = readInput(json)
  const request = readChat(json, { items: conversationOf(own, earlier), tools, omissions })
  const facts: ResponseFacts = { requestId, createdAtMs, names, echo: writeEcho(json), reasoning: styleOf(json) }
  return {
    request,
    notes: omissions.notes,
    writeReply: (reply, model, { isKept } = { isKept: false }) =>
      JSON.stringify(wholeResponse(reply, facts, { model, isKept })),
    openStream: (model) => new ResponseStream(facts, model),
    ...(facts.echo['store'] === true && {
      keep: (reply, model) =>
        keptReply(reply, facts, { model, inputItems: namedInputItems(withReferences(own, earlier), requestId) }),
    }),
  }
}

/** A summary is what clients show to people; those who asked for none may still want to read on. */
function styleOf(json: unknown): ReasoningStyle {
  const { summary, generate_summary: older } = objectAt(json, 'reasoning') ?? {}
  return {
    isSummary: textAt({ wish: summary ?? older }, 'wish') !== undefined,
    isSealed: listAt(json, 'include').includes(sealedReasoning),
  }
}
