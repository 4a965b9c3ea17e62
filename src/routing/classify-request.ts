import type { ChatOutline } from '../core/chat/chat-outline.ts'
import { isTextCompletion, type Operation } from '../core/operation.ts'
import type { RequestKind } from '../core/request-record.ts'
import { type BackgroundTask, type TaskTraits, backgroundTasks } from './background-tasks.ts'
import { findSignature } from './find-signature.ts'

export interface ClassificationInput {
  readonly operation: Operation
  /** Of a chat; other operations have none. */
  readonly outline?: ChatOutline
  /** The value of `x-llmr-task`, as it came. An empty one means that the client had nothing to say. */
  readonly taskHeader?: string
}

export interface Classification extends TaskTraits {
  readonly kind: RequestKind
  /** Of a background request: one of a closed list, so that it may be a label. */
  readonly backgroundTask?: BackgroundTask
  /** What decided, in a few words of ASCII. */
  readonly evidence: string
}

/**
 * Who a request serves: a person, an agent at work for one, or the client itself. Decided before anything is stored or
 * routed, because a background request that carries the history looks like a chat about whatever the chat is about.
 * Only positive evidence counts, and what nobody recognises is a person's.
 */
export function classifyRequest({ operation, outline, taskHeader }: ClassificationInput): Classification {
  if (operation === 'embedding')
    return { ...embedding, isOnCriticalPath: byHeader(taskHeader)?.isOnCriticalPath ?? true }
  if (isTextCompletion(operation)) return completion
  if (operation !== 'chat') return other
  return byHeader(taskHeader) ?? byShape(outline) ?? byText(outline) ?? person
}

const foreground = { isOnCriticalPath: true, carriesConversation: false } as const
const embedding: Classification = { ...foreground, kind: 'embedding', evidence: 'embedding' }
const completion: Classification = { ...foreground, kind: 'user', evidence: 'completion' }
const other: Classification = { ...foreground, kind: 'other', evidence: 'not a chat' }
const person: Classification = { ...foreground, kind: 'user', evidence: 'no sign of a background request' }
const merge: Classification = { ...foreground, kind: 'user', evidence: 'x-llmr-task: a merged answer' }
const withTools: Classification = { ...foreground, kind: 'agent', evidence: 'offers tools' }
const afterTools: Classification = { ...foreground, kind: 'agent', evidence: 'has tool results' }

/** Open WebUI calls the merging of several models' replies a task too, but its result is what the person reads. */
const mergedAnswerTask = 'moa_response_generation'

/** The client says so itself: exact, whatever the text looks like. */
function byHeader(header: string | undefined): Classification | undefined {
  const name = header?.trim().toLowerCase()
  if (!name) return undefined
  if (name === mergedAnswerTask) return merge
  const task = isBackgroundTask(name) ? name : 'other'
  return background(task, `x-llmr-task: ${task}`)
}

function isBackgroundTask(name: string): name is BackgroundTask {
  return Object.hasOwn(backgroundTasks, name)
}

/** Tools mean an agent, even when the text is one that a background request would have. */
function byShape(outline: ChatOutline | undefined): Classification | undefined {
  if (!outline) return undefined
  if (outline.toolNames.length > 0) return withTools
  // Without tools and with results: an agent's last word, or a compaction, which its text tells apart.
  return outline.hasToolResults ? (byText(outline) ?? afterTools) : undefined
}

function byText(outline: ChatOutline | undefined): Classification | undefined {
  const signature = outline && findSignature(outline)
  return signature && background(signature.task, signature.evidence)
}

function background(task: BackgroundTask, evidence: string): Classification {
  const { isOnCriticalPath, carriesConversation } = backgroundTasks[task]
  return { kind: 'background', backgroundTask: task, isOnCriticalPath, carriesConversation, evidence }
}
