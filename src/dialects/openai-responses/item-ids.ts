/** Ids of a response and its items have the request's id in them, so that an item's name says which response it is of. */
export type ItemPrefix = 'msg' | 'rs' | 'fc' | 'ctc' | 'fco' | 'ctco' | 'item'

export function responseId(requestId: string): string {
  return `resp_${digitsOf(requestId)}`
}

/** Of a response that we have named. */
export function requestIdOf(response: string | undefined): string | undefined {
  const [, ...parts] = /^resp_(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(response ?? '') ?? []
  return parts.length === 0 ? undefined : parts.join('-')
}

export function outputItemId(prefix: ItemPrefix, requestId: string, number: number): string {
  return `${prefix}_${digitsOf(requestId)}_${number}`
}

export function inputItemId(prefix: ItemPrefix, requestId: string, number: number): string {
  return `${prefix}_${digitsOf(requestId)}_i${number}`
}

/** Of what llmr itself says in the place of thoughts. */
export function noticeId(requestId: string, number: number): string {
  return `rs_${digitsOf(requestId)}_w${number}`
}

/** Nobody thought what stands in it. */
export function isNoticeId(id: string): boolean {
  return /^rs_[0-9a-z]+_w\d+$/.test(id)
}

/** Of an item that we have named. */
export function responseIdOf(itemId: string): string | undefined {
  const [, digits] = /^[a-z]+_([0-9a-z]+)_i?\d+$/.exec(itemId) ?? []
  return digits === undefined ? undefined : `resp_${digits}`
}

function digitsOf(requestId: string): string {
  return requestId.replaceAll('-', '')
}
