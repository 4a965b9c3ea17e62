/** A text that comes bit by bit. */
export interface TextStream {
  readonly response: Response
  /** Resolves as soon as the text holds these words. Rejects when it ends before. */
  until(words: string): Promise<string>
  /** Everything, when the other side has ended it. */
  readonly ended: Promise<string>
  close(): Promise<void>
}

export async function openTextStream(url: string, init: RequestInit = {}): Promise<TextStream> {
  const client = new AbortController()
  const response = await fetch(url, { ...init, signal: client.signal })
  let text = ''
  let notice = Promise.withResolvers<void>()
  const read = async (): Promise<string> => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      notice.resolve()
      notice = Promise.withResolvers()
    }
    return text
  }
  let isOver = false
  const ended = read().finally(() => {
    isOver = true
    notice.resolve()
  })
  ended.catch(() => undefined)
  return {
    response,
    ended,
    until: async (words) => {
      while (!text.includes(words)) {
        if (isOver) throw new Error(`it ended before "${words}" came: ${text}`)
        await notice.promise
      }
      return text
    },
    close: async () => {
      client.abort()
      await ended.catch(() => undefined)
    },
  }
}
