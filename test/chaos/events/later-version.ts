/** A version of turns that only the worker of a later llmr reads. */
export const laterType = 'llmr.knowledge.chat.persist.v2'
