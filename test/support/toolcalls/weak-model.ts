import { listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'

/** What goes wrong with small models in agent loops, and one with which nothing does. */
export const weaknesses = [
  'none',
  'leaks its calls as text',
  'slips in names and types',
  'reads in circles',
  'lists and never reads',
] as const

export type Weakness = (typeof weaknesses)[number]

/** The next turn of a model with that weakness, by what it sees and nothing else. */
export function weakTurn(requestText: string, weakness: Weakness): Script {
  const messages = listAt(parseForeignJson(requestText), 'messages')
  const seen = messages.map((message) => textAt(message, 'content') ?? '').join('\n')
  const file = /in (\w+\.ts)/.exec(seen)?.[1] ?? ''
  const value = /value is (\d+)/.exec(seen)?.[1]
  const answer: Script = { content: `It is ${value}.` }
  const read = (path: string): Script => ({ toolCalls: [{ name: 'read', arguments: { path } }] })
  switch (weakness) {
    case 'none':
      return value === undefined ? read(file) : answer
    case 'leaks its calls as text':
      return value === undefined
        ? { content: `I look.\n<tool_call>\n{"name": "read", "arguments": {"path": "${file}"}}\n</tool_call>` }
        : answer
    case 'slips in names and types':
      return value === undefined
        ? { toolCalls: [{ name: 'Read', arguments: `{"path": "${file}", "limit": "20",}` }] }
        : answer
    case 'reads in circles':
      return /do something else/i.test(seen) ? answer : read(file)
    case 'lists and never reads': {
      const hinted = /call read with (\S+\.ts)/.exec(seen)?.[1]
      if (value !== undefined) return answer
      return hinted === undefined ? { toolCalls: [{ name: 'list', arguments: {} }] } : read(hinted)
    }
  }
}
