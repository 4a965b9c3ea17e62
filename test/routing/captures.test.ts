import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import type { ChatOutline, ChatRole } from '../../src/core/chat/chat-outline.ts'
import { affinityKey } from '../../src/routing/affinity-key.ts'
import { classifyRequest } from '../../src/routing/classify-request.ts'
import { outlineOf } from './samples.ts'

/** Recorded requests of real clients, beside the checkout; too large to ship. */
const folder = process.env['LLMR_TEST_CAPTURES'] ?? join(import.meta.dirname, '../../../shared/captures')

interface Captured {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: Record<string, unknown> | null
  readonly expect?: { readonly background?: boolean; readonly task?: string }
}

describe.skipIf(!existsSync(folder))(
  `recorded clients (skipped without a folder of captures: LLMR_TEST_CAPTURES)`,
  () => {
    const chats = existsSync(folder) ? readChats() : []

    test.each(chats)('$file $index is classified as what it is', ({ file, captured, outline }) => {
      const { kind, backgroundTask } = classifyRequest({ operation: 'chat', outline })
      const { background, task } = captured.expect ?? {}
      const isTitle = outline.systemText.startsWith('You are a title generator')
      const ofWebUi = background ? ['background', task] : ['user', undefined]
      const ofAgent = isTitle ? ['background', 'title_generation'] : ['agent', undefined]
      expect([kind, backgroundTask]).toEqual(file.startsWith('openwebui') ? ofWebUi : ofAgent)
    })

    test('the agents and titles of one recorded session have keys of their own, and each keeps its key', () => {
      const keysOf = (name: string) => {
        const keys = chats
          .filter(({ file }) => file === name)
          .map(({ captured, outline }) => {
            const classification = classifyRequest({ operation: 'chat', outline })
            return affinityKey({ claims: { headers: captured.headers }, outline, classification })
          })
        return { requests: keys.length, keys: new Set(keys).size, all: keys }
      }
      // Subagents of Claude Code share the session and differ in agent id; opencode's have sessions of their own.
      expect(keysOf('claude-subagent.json')).toMatchObject({ requests: 11, keys: 6 })
      expect(keysOf('opencode-subagent.json')).toMatchObject({ requests: 5, keys: 3 })
      expect(keysOf('opencode-tool.json')).toMatchObject({ requests: 3, keys: 2 })
      expect(keysOf('claude-tool.json').keys).toBe(1)
      expect(keysOf('claude-text.json').all).not.toContain(undefined)
    })

    function readChats() {
      return readdirSync(folder)
        .filter((file) => file.endsWith('.json') && file !== 'index.json')
        .flatMap((file) => {
          const { requests } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { requests: Captured[] }
          return requests.flatMap((captured, index) => {
            const outline = captured.body ? outlineOfBody(captured.body) : undefined
            const headers = Object.fromEntries(Object.entries(captured.headers).map(([k, v]) => [k.toLowerCase(), v]))
            return outline ? [{ file, index, captured: { ...captured, headers }, outline }] : []
          })
        })
    }
  },
)

/** Of all three dialects at once; just enough for these tests. */
function outlineOfBody(body: Record<string, unknown>): ChatOutline | undefined {
  const messages =
    body['messages'] ?? (body['instructions'] !== undefined || body['store'] === false ? body['input'] : undefined)
  if (!Array.isArray(messages)) return undefined
  const read = (messages as Record<string, unknown>[]).map((message) => ({
    role: roleOf(message),
    text: textOf(message['content']),
    isResult: JSON.stringify(message).includes('"tool_result"'),
  }))
  const systemTexts = [textOf(body['system']), ...read.filter(({ role }) => role === 'system').map(({ text }) => text)]
  const tools = (body['tools'] ?? []) as { name?: string; function?: { name: string } }[]
  return outlineOf({
    roles: read.map(({ role }) => role),
    systemText: systemTexts.filter((text) => text !== '').join('\n'),
    lastUserText: read.findLast(({ role }) => role === 'user')?.text ?? '',
    toolNames: tools.map((tool) => tool.name ?? tool.function?.name ?? ''),
    hasToolResults: read.some(({ role, isResult }) => role === 'tool' || isResult),
    isStream: body['stream'] === true,
    maxTokens: body['max_tokens'] as number | undefined,
  })
}

function roleOf({ role, type }: Record<string, unknown>): ChatRole {
  if (role === 'developer' || role === 'system') return 'system'
  if (role === 'assistant' || role === 'tool') return role
  return type === 'function_call_output' ? 'tool' : 'user'
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return (content as { text?: string }[]).map(({ text = '' }) => text).join('\n')
}
