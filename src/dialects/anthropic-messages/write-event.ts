/** One event; its name is also the type in its data, and SDKs read either. */
export function writeEvent(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
