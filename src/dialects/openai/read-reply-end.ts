/** What the last bytes of a reply tell, without having parsed the rest. */
export interface ReplyEnd {
  /** The reply came to its own end; false: it broke off in the middle of a stream. */
  readonly isComplete: boolean
  /** The engine itself reported a failure inside the stream. */
  readonly hasError: boolean
  readonly usage: Usage | undefined
}

export interface Usage {
  readonly promptTokens?: number
  readonly completionTokens?: number
  readonly cachedTokens?: number
}

/**
 * Reads the end of an event stream: the usage chunk, llama.cpp's timings, and whether it ended or died. Engines differ in
 * what they send last; a stream counts as whole when it says `[DONE]` or gave a finish reason.
 *
 * @param tail the last few kilobytes
 */
export function readStreamEnd(tail: string): ReplyEnd {
  return {
    // Only at the beginning of a line: a model may write the marker into its text, where quotes are escaped but not this.
    isComplete: /^data: ?\[DONE\]/m.test(tail) || /"finish_reason": ?"/.test(tail) || isNativeEnd(tail),
    hasError: /^data: ?\{"error"/m.test(tail),
    usage: findUsage(tail),
  }
}

/**
 * llama-server's own endpoints say `[DONE]` nowhere; their last event says that generation has stopped, and why. It may repeat
 * the whole prompt, and then its beginning is not in the tail; in a model's text the quotes would be escaped.
 */
function isNativeEnd(tail: string): boolean {
  return /^data: ?\{[^\n]*"stop": ?true\b/m.test(tail) || /[^\\]"stop_type": ?"(?:eos|word|limit)"/.test(tail)
}

/** Reads the end of a JSON reply. One that was cut off does not end with a bracket, or hardly ever. */
export function readJsonEnd(tail: string): ReplyEnd {
  return { isComplete: /[}\]]\s*$/.test(tail), hasError: false, usage: findUsage(tail) }
}

/** The last `usage` object in the text, else the last `timings` (llama.cpp sends those unasked). */
function findUsage(tail: string): Usage | undefined {
  const usage = lastObject(tail, '"usage":')
  if (usage !== undefined) {
    const details = usage['prompt_tokens_details']
    const cached = typeof details === 'object' && details !== null ? Reflect.get(details, 'cached_tokens') : undefined
    return {
      promptTokens: asNumber(usage['prompt_tokens']),
      completionTokens: asNumber(usage['completion_tokens']),
      cachedTokens: asNumber(cached),
    }
  }
  const timings = lastObject(tail, '"timings":')
  if (timings === undefined) return undefined
  const cachedTokens = asNumber(timings['cache_n'])
  const read = asNumber(timings['prompt_n'])
  return {
    promptTokens: read === undefined ? undefined : read + (cachedTokens ?? 0),
    completionTokens: asNumber(timings['predicted_n']),
    cachedTokens,
  }
}

function lastObject(text: string, key: string): Record<string, unknown> | undefined {
  for (let at = text.lastIndexOf(key); at !== -1; at = text.lastIndexOf(key, at - 1)) {
    const start = text.indexOf('{', at + key.length)
    if (start !== -1 && text.slice(at + key.length, start).trim() === '') {
      const value = parse(text.slice(start, closingBrace(text, start) + 1))
      if (value !== undefined) return value
    }
    if (at === 0) break
  }
  return undefined
}

/** Neither object holds strings with braces: counting is enough. */
function closingBrace(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  return start
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return undefined // the tail began inside it
  }
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
