/**
 * Whether an id of a tool call stands for that one call. Some engines count calls from 0 in each reply, or through a
 * conversation: such an id says nothing without the words around it.
 */
export function isUnique(callId: string): boolean {
  if (/[:._-]\d{1,4}$/.test(callId)) return false
  return callId.replace(/^[a-z]+[_-]/, '').replaceAll(/[^A-Za-z0-9]/g, '').length >= 8
}
