import { LlmrError } from '../../core/error.ts'
import { at, textAt } from '../../core/foreign-json.ts'

/**
 * The items a request brings itself; a plain text is short for one message of the user's.
 *
 * @throws LlmrError `invalid_request`
 */
export function readInput(json: unknown): readonly unknown[] {
  const input = at(json, 'input')
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }]
  if (Array.isArray(input)) return input
  if (input === undefined || input === null) return []
  throw new LlmrError('invalid_request', `Expected "input" to be a text or a list of items; it is a ${typeof input}.`, {
    param: 'input',
    isRetryable: false,
  })
}

/** The id of an item that is repeated by its name alone. */
export function referenceOf(item: unknown): string | undefined {
  const isReference = textAt(item, 'type') === 'item_reference' || isNothingButId(item)
  return isReference ? textAt(item, 'id') : undefined
}

function isNothingButId(item: unknown): boolean {
  return typeof item === 'object' && item !== null && Object.keys(item).join() === 'id'
}
