/**
 * What a person said, without what clients put around it, so that the same words are the same text in every request: as a
 * string or as parts, with this turn's reminders or with those of the next, inside a template for retrieved documents or,
 * once the turn is no longer the current one, without it.
 */
export function canonicalUserText(texts: readonly string[]): string {
  const text = texts.map(withoutWrappers).filter(Boolean).join('\n')
  return text.normalize('NFC').trim()
}

/** Client's own blocks, whole: nothing of them was said by the person. */
const blocks =
  /<(system-reminder|environment_details|environment_context|user_instructions|turn_aborted)>[\s\S]*?<\/\1>/g

/** A template that holds the question in one element, and instructions about it around that. */
const wrapped = /^<(task|user_message|user_query|feedback)>([\s\S]*)<\/\1>$/

function withoutWrappers(given: string): string {
  const text = given.replaceAll('\r\n', '\n').replaceAll(blocks, '').trim()
  const asked = isRetrieval(text) ? text.slice(text.lastIndexOf(contextEnd) + contextEnd.length).trim() : text
  return wrapped.exec(asked)?.[2]?.trim() ?? asked
}

const contextEnd = '</context>'

/** Background requests begin with the same words, but have no context: those are told apart before anything is kept. */
function isRetrieval(text: string): boolean {
  return text.startsWith('### Task:') && text.includes(contextEnd)
}
