import type { BackgroundTask } from './background-tasks.ts'

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
  /** One of the first lines of the system text begins with this. */
  readonly systemLine?: string
  /** One user message and no reply yet: a prompt made for the occasion. */
  readonly isSingleMessage?: true
  readonly isStream?: false
  readonly maxTokensAtMost?: number
}

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
    systemLine: 'Available Tools: [',
  },
  {
    evidence: 'opencode title generator',
    task: 'title_generation',
    systemLine: 'You are a title generator. You output ONLY a thread title.',
  },
  {
    evidence: 'Claude Code title prompt',
    task: 'title_generation',
    isSingleMessage: true,
    systemLine: 'Generate a concise, sentence-case title',
  },
  {
    evidence: 'Claude Code title prompt',
    task: 'title_generation',
    isSingleMessage: true,
    systemLine: 'Summarize this coding conversation in under 50 characters',
  },
  {
    evidence: 'Claude Code topic prompt',
    task: 'topic_detection',
    isSingleMessage: true,
    systemLine: 'Analyze if this message indicates a new conversation topic',
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
    systemLine: 'You are a helpful AI assistant tasked with summarizing conversations',
  },
  {
    evidence: 'opencode compaction prompt',
    task: 'compaction',
    systemLine: 'When asked to summarize, provide a detailed but concise summary of the conversation',
  },
  {
    evidence: 'opencode compaction prompt',
    task: 'compaction',
    systemLine: 'You are an anchored context summarization assistant',
  },
  {
    evidence: 'Codex compaction prompt',
    task: 'compaction',
    userBegins: 'You are performing a CONTEXT CHECKPOINT COMPACTION',
  },
  {
    evidence: 'Gemini CLI and Qwen Code compression prompt',
    task: 'compaction',
    systemLine: 'You are the component that summarizes internal chat history into a given structure',
  },
  {
    evidence: 'Pi compaction prompt',
    task: 'compaction',
    systemLine: 'You are a context summarization assistant. Your task is to read a conversation',
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
