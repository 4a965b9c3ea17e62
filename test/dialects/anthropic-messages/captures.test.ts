import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { at, listAt, objectAt, textAt } from '../../../src/core/foreign-json.ts'
import { readChat } from '../../../src/dialects/anthropic-messages/read-chat.ts'
import { Omissions } from '../../../src/dialects/omissions.ts'
import { captureFile } from '../../support/capture-file.ts'

const names = ['claude-text', 'claude-tool', 'claude-resume', 'claude-subagent', 'opencode-anthropic']

for (const name of names) {
  const file = captureFile(name)
  test.skipIf(!existsSync(file))(`${name}: nothing that the client says is lost, and nothing is invented`, () => {
    const requests = messageRequests(file)
    expect(requests).not.toEqual([])
    for (const { json } of requests) {
      const omissions = new Omissions()
      const request = readChat(json, omissions)
      // Edits of a context are the provider's to make; engines have none.
      expect(omissions.notes.filter((note) => note !== 'context_management')).toEqual([])
      expect(textsIn(request)).toEqual(textsOn(json))
      expect(request.tools.map(({ name: tool, parameters }) => [tool, parameters])).toEqual(
        listAt(json, 'tools').map((tool) => [textAt(tool, 'name'), objectAt(tool, 'input_schema')]),
      )
      expect(request).toMatchObject({ model: textAt(json, 'model'), maxTokens: at(json, 'max_tokens'), isStream: true })
    }
  })

  test.skipIf(!existsSync(file))(`${name}: each turn begins as the turn before it did, to the last message`, () => {
    const turnsOf = Map.groupBy(messageRequests(file), ({ agent }) => agent)
    for (const turns of turnsOf.values()) {
      const messages = turns.map(({ json }) => readChat(json, new Omissions()).messages)
      for (const [index, turn] of messages.entries()) {
        if (index > 0) expect(turn.slice(0, messages[index - 1]?.length)).toEqual(messages[index - 1])
      }
    }
  })
}

interface MessageRequest {
  readonly json: Readonly<Record<string, unknown>>
  /** Several share a session. */
  readonly agent: string | undefined
}

function messageRequests(file: string): MessageRequest[] {
  const capture: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return listAt(capture, 'requests').flatMap((request) => {
    const body = objectAt(request, 'body')
    if (body === undefined || textAt(request, 'url')?.startsWith('/v1/messages') !== true) return []
    return [{ json: body, agent: textAt(request, 'headers', 'x-claude-code-agent-id') }]
  })
}

/** Every text of the request in its order, arguments of calls as JSON. */
function textsIn({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ parts }) =>
    parts.map((part) => (part.type === 'tool-call' ? part.argumentsText : 'text' in part ? part.text : part.type)),
  )
}

/** The same, from the wire; the billing line is no text of anybody's. */
function textsOn(json: unknown): string[] {
  const contents = [at(json, 'system'), ...listAt(json, 'messages').map((message) => at(message, 'content'))]
  return contents.flatMap(blockTexts).filter((text) => !text.startsWith('x-anthropic-billing-header'))
}

function blockTexts(content: unknown): string[] {
  if (typeof content === 'string') return [content]
  return listAt(content).flatMap((block) => {
    if (textAt(block, 'type') === 'tool_use') return [JSON.stringify(at(block, 'input'))]
    return textAt(block, 'type') === 'tool_result' ? blockTexts(at(block, 'content')) : [textAt(block, 'text') ?? '']
  })
}
