/** Where llmr publishes what. Consumers may know them: they do not change. */
export const subjects = {
  persist: 'pipeline.knowledge.chat.persist',
  toolCall: 'pipeline.knowledge.tool_call',
  embedding: 'pipeline.knowledge.chat.embedding',
  summarise: 'pipeline.knowledge.chat.summarise',
  lineage: 'pipeline.knowledge.flow.lineage',
  retrieve: 'pipeline.knowledge.retrieve',
} as const

/** What earlier systems called the subject of embeddings; consumed like it. */
export const embeddingAlias = 'pipeline.knowledge.embedding'

export const everySubject = 'pipeline.knowledge.>'
