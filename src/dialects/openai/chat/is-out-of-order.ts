import { at, listAt } from '../../../core/foreign-json.ts'

/**
 * Whether a chat has messages in an order, or of a role, that many chat templates refuse: instructions behind the first
 * message or in several pieces, two messages of the user in a row, the role `developer`.
 */
export function isOutOfOrder(json: unknown): boolean {
  let before: unknown
  for (const message of listAt(json, 'messages')) {
    const role = at(message, 'role')
    if (role === 'developer') return true
    if (role === 'system' && before !== undefined) return true
    if (role === 'user' && before === 'user') return true
    before = role
  }
  return false
}
