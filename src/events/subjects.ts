/** Where llmr publishes what. Consumers may know them: they do not change. */
export const subjects = {
  persist: 'pipeline.knowledge.chat.persist',
  toolCall: 'pipeline.knowledge.tool_call',
  lineage: 'pipeline.knowledge.flow.lineage',
} as const

export const everySubject = 'pipeline.knowledge.>'
