/** Events of one stream: each has its type twice, as SDKs read either, and the next number. */
export class NumberedEvents {
  #next = 0

  write(type: string, fields: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#next++, ...fields })}\n\n`
  }

  /** One of these goes out for each token: only what can vary is written as JSON. `where` is members in JSON. */
  writeDelta(type: string, where: string, delta: string): string {
    const head = `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#next++},`
    return `${head}${where},"delta":${JSON.stringify(delta)}}\n\n`
  }
}
