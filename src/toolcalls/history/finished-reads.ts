import type { Message, ToolCallPart, ToolMessage } from '../../core/chat/message.ts'
import { textOf } from '../../core/chat/message.ts'
import { parseJson } from '../values/coerce-text.ts'
import { asSchema } from '../values/schema-types.ts'
import { callsOf } from './tool-round.ts'

export interface FinishedRead {
  readonly callId: string
  /** As the tool was given it. */
  readonly path: string
  /** As the tool gave it back, line numbers and all. */
  readonly content: string
}

/**
 * The whole files that tools have read in the round that this request brings back. What came with earlier requests was
 * theirs to tell. A piece of a file, a failure and an empty result are no file.
 */
export function finishedReads(messages: readonly Message[]): readonly FinishedRead[] {
  const asked = messages.findLastIndex(({ role }) => role === 'assistant')
  const assistant = messages[asked]
  if (assistant?.role !== 'assistant') return []
  const paths = new Map(callsOf(assistant).flatMap((call) => pairOf(call)))
  if (paths.size === 0) return []
  return messages.slice(asked + 1).flatMap((message) => {
    const path = message.role === 'tool' ? paths.get(message.callId) : undefined
    return message.role === 'tool' && path !== undefined ? readOf(message, path) : []
  })
}

function pairOf(call: ToolCallPart): [id: string, path: string][] {
  const path = pathRead(call)
  return path === undefined ? [] : [[call.id, path]]
}

/** Of a call to a tool that reads one file, as the tools of the usual agents are called and asked. */
function pathRead({ name, argumentsText }: ToolCallPart): string | undefined {
  if (!reader.test(name) || other.test(name)) return undefined
  const given = asSchema(parseJson(argumentsText))
  if (given === undefined || Object.keys(given).some((key) => range.test(key) && given[key] !== null)) return undefined
  const path = pathKeys.map((key) => given[key]).find((value) => typeof value === 'string' && value !== '')
  return typeof path === 'string' && path.length <= pathMax ? path : undefined
}

function readOf(result: ToolMessage, path: string): FinishedRead[] {
  const content = textOf(result.parts)
  if (result.isError === true || content === '' || failure.test(content)) return []
  return [{ callId: result.callId, path, content }]
}

const reader = /read|view|open|cat\b/i
const other = /dir|list|glob|search|grep|tree|write|edit|replace|url|web|image|thread|browser|concat/i
const range =
  /^(?:offset|limit|view_?range|(?:start|end|from|to)_?(?:line.*)?|line_?(?:start|end)|lines?|range|pages?)$/i
const pathKeys = [
  'path',
  'file_path',
  'filePath',
  'filepath',
  'file',
  'filename',
  'target_file',
  'absolute_path',
  'uri',
]
const failure =
  /^\s*(?:<(?:tool_use_)?error>|error\b[^\n]{0,200}$|(?:file|path) (?:not found|does not exist)|ENOENT|no such file)/i
/** Characters. */
const pathMax = 4_096
