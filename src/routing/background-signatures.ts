import type { ChatOutline } from '../core/chat-outline.ts'

/** What clients ask for on their own account. `other` is a task that a header named and nobody here knows. */
export const backgroundTasks = {
  title_generation: { isOnCriticalPath: false, carriesConversation: false },
  tags_generation: { isOnCriticalPath: false, carriesConversation: false },
  follow_up_generation: { isOnCriticalPath: false, carriesConversation: false },
  emoji_generation: { isOnCriticalPath: false, carriesConversation: false },
  autocomplete_generation: { isOnCriticalPath: false, carriesConversation: false },
  topic_detection: { isOnCriticalPath: false, carriesConversation: false },
  connection_check: { isOnCriticalPath: false, carriesConversation: false },
  memory_upkeep: { isOnCriticalPath: false, carriesConversation: true },
  query_generation: { isOnCriticalPath: true, carriesConversation: false },
  image_prompt_generation: { isOnCriticalPath: true, carriesConversation: false },
  function_calling: { isOnCriticalPath: true, carriesConversation: false },
  compaction: { isOnCriticalPath: true, carriesConversation: true },
  other: { isOnCriticalPath: false, carriesConversation: false },
} as const satisfies Record<string, TaskTraits>

export type BackgroundTask = keyof typeof backgroundTasks

export interface TaskTraits {
  /** A person waits: the task comes before the answer it prepares. */
  readonly isOnCriticalPath: boolean
  /**
   * The prompt is the conversation itself and not an excerpt: as long as the chat, and as hard. The small model that
   * writes titles would ruin it, so it goes where the chat goes.
   */
  readonly carriesConversation: boolean
}

/** All that is given must hold. Texts are the clients' own, which is why they are compared to the letter. */
export interface Signature {
  /** Who sends it, and what gave it away. */
  readonly evidence: string
  readonly task: BackgroundTask
  /** The last user message begins with this, white space aside. */
  readonly userBegins?: string
  /** … holds one of these. */
  readonly userHoldsOneOf?: readonly string[]
  /** … and none of these. */
  readonly userNeverHolds?: readonly string[]
  /** … and has at most this many characters. */
  readonly userLengthMax?: number
  /** The beginning of the system text holds this. */
  readonly systemHolds?: string
  /** One user message and no reply yet: a prompt made for the occasion. */
  readonly isSingleMessage?: true
  readonly isStream?: false
  readonly maxTokensAtMost?: number
}

/** How much of the system text is searched: clients put who the model is first, and a prompt of 80 KB is common. */
const systemSearchMax = 1_024

// Open WebUI's administrators may replace each template, so what follows is a default and not a guarantee; the header
// is exact. Its template for documents begins with `### Task:` too and is the user's own turn: it holds `</context>`.
const taskTemplate = {
  isSingleMessage: true,
  isStream: false,
  userNeverHolds: ['</context>', 'Respond to the user query using the provided context'],
} as const
const chatHistory = ['<chat_history>', '### Chat History:']
const historyOrJson = [...chatHistory, 'JSON format']

/** In the order in which they are tried; the first that holds decides. */
export const backgroundSignatures: readonly Signature[] = [
  {
    ...taskTemplate,
    evidence: 'Open WebUI title template',
    task: 'title_generation',
    userBegins: '### Task:\nGenerate a concise, 3-5 word title',
    userHoldsOneOf: historyOrJson,
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI title template',
    task: 'title_generation',
    userBegins: '### Task:\nGenerate a concise title',
    userHoldsOneOf: historyOrJson,
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI tags template',
    task: 'tags_generation',
    userBegins: '### Task:\nGenerate 1-3 broad tags',
    userHoldsOneOf: historyOrJson,
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI follow-up template',
    task: 'follow_up_generation',
    userBegins: '### Task:\nSuggest 3-5 relevant follow-up questions',
    userHoldsOneOf: historyOrJson,
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI query template',
    task: 'query_generation',
    userBegins: '### Task:\nAnalyze the chat history to determine the necessity',
    userHoldsOneOf: historyOrJson,
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI image prompt template',
    task: 'image_prompt_generation',
    userBegins: '### Task:\nGenerate a detailed prompt for a', // The rest of this line has a typing error of its own.
    userHoldsOneOf: historyOrJson,
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI autocompletion template',
    task: 'autocomplete_generation',
    userBegins: '### Task:\nYou are an autocompletion system',
  },
  {
    ...taskTemplate,
    evidence: 'Open WebUI task with chat history',
    task: 'other',
    userBegins: '### Task:',
    userHoldsOneOf: chatHistory,
  },
  {
    evidence: 'Open WebUI emoji template',
    task: 'emoji_generation',
    isSingleMessage: true,
    isStream: false,
    maxTokensAtMost: 16,
    userBegins: "Your task is to reflect the speaker's likely facial expression",
  },
  {
    evidence: 'Open WebUI function calling template',
    task: 'function_calling',
    isSingleMessage: true,
    isStream: false,
    userBegins: 'Query: History:\n',
    systemHolds: 'Available Tools: [',
  },
  {
    evidence: 'opencode title generator',
    task: 'title_generation',
    systemHolds: 'You are a title generator. You output ONLY a thread title.',
  },
  {
    evidence: 'Claude Code title prompt',
    task: 'title_generation',
    isSingleMessage: true,
    systemHolds: 'Generate a concise, sentence-case title',
  },
  {
    evidence: 'Claude Code title prompt',
    task: 'title_generation',
    isSingleMessage: true,
    systemHolds: 'Summarize this coding conversation in under 50 characters',
  },
  {
    evidence: 'Claude Code topic prompt',
    task: 'topic_detection',
    isSingleMessage: true,
    systemHolds: 'Analyze if this message indicates a new conversation topic',
  },
  {
    evidence: 'Claude Code quota check',
    task: 'connection_check',
    isSingleMessage: true,
    maxTokensAtMost: 1,
    userBegins: 'quota',
    userLengthMax: 5,
  },
  {
    evidence: 'Claude Code compaction prompt',
    task: 'compaction',
    userHoldsOneOf: ['Your task is to create a detailed summary of the conversation so far'],
    systemHolds: 'You are a helpful AI assistant tasked with summarizing conversations',
  },
  {
    evidence: 'opencode compaction prompt',
    task: 'compaction',
    systemHolds: 'You are a helpful AI assistant tasked with summarizing conversations.\n\nWhen asked to summarize',
  },
  {
    evidence: 'opencode compaction prompt',
    task: 'compaction',
    systemHolds: 'You are an anchored context summarization assistant',
  },
  {
    evidence: 'Codex compaction prompt',
    task: 'compaction',
    userBegins: 'You are performing a CONTEXT CHECKPOINT COMPACTION',
  },
  {
    evidence: 'Gemini CLI and Qwen Code compression prompt',
    task: 'compaction',
    systemHolds: 'You are the component that summarizes internal chat history into a given structure',
  },
  {
    evidence: 'Pi compaction prompt',
    task: 'compaction',
    systemHolds: 'You are a context summarization assistant. Your task is to read a conversation',
  },
  {
    evidence: 'Qwen Code memory upkeep',
    task: 'memory_upkeep',
    userBegins: 'Managed memory directory: ',
  },
  {
    evidence: 'Continue title prompt',
    task: 'title_generation',
    isSingleMessage: true,
    userBegins: 'Given the following... please reply with a title for the chat',
  },
  {
    evidence: 'LibreChat title prompt',
    task: 'title_generation',
    isSingleMessage: true,
    userBegins: 'Provide a concise, 5-word-or-less title for the conversation',
  },
]

/** The first signature that a chat bears. Only for chats without tools: those are never background by their text. */
export function findSignature(outline: ChatOutline): Signature | undefined {
  const chat: ChatBeginnings = {
    outline,
    user: outline.lastUserText.trimStart(),
    system: outline.systemText.slice(0, systemSearchMax),
    isSingleMessage: hasSingleMessage(outline),
  }
  return backgroundSignatures.find((signature) => holds(signature, chat))
}

interface ChatBeginnings {
  readonly outline: ChatOutline
  readonly user: string
  readonly system: string
  readonly isSingleMessage: boolean
}

function holds(signature: Signature, { outline, user, system, isSingleMessage }: ChatBeginnings): boolean {
  const { userBegins, userHoldsOneOf, userNeverHolds, userLengthMax, systemHolds, maxTokensAtMost } = signature
  if (userBegins !== undefined && !user.startsWith(userBegins)) return false
  if (systemHolds !== undefined && !system.includes(systemHolds)) return false
  if (signature.isSingleMessage && !isSingleMessage) return false
  if (signature.isStream === false && outline.isStream) return false
  if (userLengthMax !== undefined && user.length > userLengthMax) return false
  if (maxTokensAtMost !== undefined && (outline.maxTokens ?? Infinity) > maxTokensAtMost) return false
  if (userHoldsOneOf && !userHoldsOneOf.some((text) => user.includes(text))) return false
  return !userNeverHolds?.some((text) => user.includes(text))
}

function hasSingleMessage({ roles }: ChatOutline): boolean {
  return roles.filter((role) => role !== 'system').length === 1 && roles.includes('user')
}
