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
