import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { at, listAt, objectAt, textAt } from '../../../src/core/foreign-json.ts'
import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import { captureFile } from '../../support/capture-file.ts'

const names = ['codex-text', 'codex-tool', 'codex-resume', 'opencode-responses']
const facts = { requestId: '0190-ab', createdAtMs: 0, path: '/v1/responses', mintId: () => expect.unreachable() }

for (const name of names) {
  const file = captureFile(name)
  test.skipIf(!existsSync(file))(`${name}: nothing that the client says is lost, and nothing is invented`, () => {
    const requests = responsesRequests(file)
    expect(requests).not.toEqual([])
    for (const json of requests) {
      const { request, notes, keep } = openaiResponsesDialect.readChat(json, facts)
      // Only a provider can search for its model.
      expect(notes.filter((note) => note !== 'tool web_search')).toEqual([])
      expect(textsIn(request)).toEqual(textsOn(json))
      expect(request.tools.map(({ name: tool, parameters }) => [tool, parameters])).toEqual(toolsOn(at(json, 'tools')))
      expect(request).toMatchObject({
        model: textAt(json, 'model'),
        cacheKey: at(json, 'prompt_cache_key'),
        isStream: true,
      })
      expect(keep).toBeUndefined()
    }
  })

  test.skipIf(!existsSync(file))(`${name}: each turn begins as the turn before it did, to the last message`, () => {
    const turns = responsesRequests(file).map((json) => openaiResponsesDialect.readChat(json, facts).request)
    for (const [index, turn] of turns.entries()) {
      const before = turns[index - 1]
      if (before === undefined) continue
      expect(turn.messages.slice(0, before.messages.length)).toEqual(before.messages)
      expect(turn.tools).toEqual(before.tools)
    }
  })
}

test.skipIf(!existsSync(captureFile('codex-resume')))(
  'Codex goes on later where it was: its prompt begins as before',
  () => {
    const [first, resumed] = ['codex-tool', 'codex-resume'].map((name) => {
      const requests = responsesRequests(captureFile(name))
      return openaiResponsesDialect.readChat(requests.at(-1) ?? {}, facts).request.messages
    })
    expect(resumed?.slice(0, first?.length)).toEqual(first)
  },
)

function responsesRequests(file: string): Readonly<Record<string, unknown>>[] {
  const capture: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return listAt(capture, 'requests').flatMap((request) => {
    const body = objectAt(request, 'body')
    return body !== undefined && textAt(request, 'url')?.startsWith('/v1/responses') === true ? [body] : []
  })
}

/** Every text of the request in its order. */
function textsIn({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ parts }) =>
    parts.map((part) => (part.type === 'tool-call' ? part.argumentsText : 'text' in part ? part.text : part.type)),
  )
}

/** The same, from the wire. */
function textsOn(json: unknown): string[] {
  return listAt(json, 'input').flatMap((item) => {
    const whole = textAt(item, 'arguments') ?? textAt(item, 'output') ?? textAt(item, 'content')
    return whole === undefined ? listAt(item, 'content').map((part) => textAt(part, 'text') ?? '') : [whole]
  })
}

function toolsOn(tools: unknown, prefix = ''): unknown[] {
  return listAt(tools).flatMap((tool) => {
    const name = prefix + (textAt(tool, 'name') ?? '')
    if (textAt(tool, 'type') === 'namespace') return toolsOn(at(tool, 'tools'), `${name}__`)
    return textAt(tool, 'type') === 'function' ? [[name, objectAt(tool, 'parameters')]] : []
  })
}
