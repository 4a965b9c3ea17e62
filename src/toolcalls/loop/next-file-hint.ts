import { textOf, type Message, type ToolCallPart, type ToolMessage } from '../../core/chat/message.ts'
import { entriesOf } from '../history/tool-round.ts'
import { isFromPerson } from './tool-step.ts'

export interface NextFileHint {
  /** Index of the tool message that gets the text. */
  readonly index: number
  readonly file: string
  readonly text: string
}

/**
 * After a listing or a search that found files of which none was read: which to read next. Weak models list the same folder
 * until their turns are used up. The text belongs into the tool's result: a user turn would look like a person's word.
 *
 * @param toolNames of the tools offered, to name the one that reads.
 */
export function nextFileHint(messages: readonly Message[], toolNames: readonly string[]): NextFileHint | undefined {
  const result = messages.at(-1)
  if (result?.role !== 'tool' || result.isError === true) return undefined
  const call = callOf(messages, result)
  const reader = toolNames.find((name) => readers.test(name) && !listers.test(name))
  if (call === undefined || reader === undefined || !isListing(call)) return undefined
  const files = filesIn(textOf(result.parts))
  if (files.length === 0) return undefined
  const read = pathsRead(messages)
  if (files.some((file) => read.some((path) => isSameFile(path, file)))) return undefined
  const file = nearestToTask(files, taskOf(messages))
  return {
    index: messages.length - 1,
    file,
    text: `\n\n[${files.length} ${files.length === 1 ? 'file' : 'files'} found, none read yet. Next: call ${reader} with ${file}]`,
  }
}

/** The history with the hint in its place. */
export function withHint(messages: readonly Message[], { index, text }: NextFileHint): Message[] {
  return messages.map((message, at) =>
    at === index && message.role === 'tool'
      ? { ...message, parts: [...message.parts, { type: 'text', text } as const] }
      : message,
  )
}

const listers = /glob|list|find|search|grep|^ls$|dir|tree/i
const readers = /read|view|open|cat/i

function isListing({ name, argumentsText }: ToolCallPart): boolean {
  return (
    listers.test(name) ||
    (/bash|shell|exec|terminal|command/i.test(name) &&
      /"(?:ls|find|rg|grep|fd|tree|git ls-files)\b/.test(argumentsText))
  )
}

function callOf(messages: readonly Message[], result: ToolMessage): ToolCallPart | undefined {
  const last = entriesOf(messages.slice(messages.findLastIndex(({ role }) => role === 'assistant'))).at(0)
  return last !== undefined && 'round' in last ? last.round.calls.find(({ id }) => id === result.callId) : undefined
}

const linesMax = 400
/** As long as paths may be; what follows one on its line is not looked at. */
const lineMaxLength = 4_096

/** Paths with an extension, alone on a line, before a colon as searches print them, or in a JSON list. */
function filesIn(text: string): string[] {
  const lines = text.split('\n', linesMax).flatMap((line) => line.slice(0, lineMaxLength).split(/["',]+/))
  const files = lines.map(
    (line) => /^\s*(?:[-*•]\s+)?((?:[\w.@~+-]+\/|\/)*[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,7})(?=$|[\s:(])/.exec(line)?.[1],
  )
  return [...new Set(files.filter((file) => file !== undefined))]
}

function pathsRead(messages: readonly Message[]): string[] {
  return messages.flatMap((message) =>
    message.role !== 'assistant'
      ? []
      : message.parts.flatMap((part) =>
          part.type === 'tool-call' && !isListing(part)
            ? filesIn(part.argumentsText.replaceAll(/[{}[\]:\s]/g, '"'))
            : [],
        ),
  )
}

function isSameFile(left: string, right: string): boolean {
  return left === right || left.endsWith(`/${right}`) || right.endsWith(`/${left}`)
}

function taskOf(messages: readonly Message[]): string {
  const message = messages.findLast(isFromPerson)
  return message === undefined ? '' : textOf(message.parts).slice(0, 2000).toLowerCase()
}

/** The file whose name shares most words with the task; the first of equals. */
function nearestToTask(files: readonly string[], task: string): string {
  const scores = files.map((file) => {
    const words = (file.split('/').at(-1) ?? file).toLowerCase().split(/[^\p{L}\p{N}]+/u)
    return words.filter((word) => word.length > 2 && task.includes(word)).length
  })
  return files[scores.indexOf(Math.max(...scores))] ?? files[0] ?? ''
}
