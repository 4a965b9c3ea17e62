import { numberAt, parseForeignJson, textAt } from '../core/foreign-json.ts'

/** The engine could not fit a prompt; the numbers where it told them, in tokens. */
export interface ContextOverflow {
  readonly promptTokens?: number
  readonly contextLength?: number
}

interface Reply {
  readonly status: number
  readonly bodyText: string
  /** The engine's own sentence in that body. */
  readonly message: string
}

/** `undefined` when the reply is about something else. Only client and server errors can be an overflow. */
export function readContextOverflow({ status, bodyText, message }: Reply): ContextOverflow | undefined {
  if (status !== 400 && status !== 413 && status !== 422 && status !== 500) return undefined
  const body = parseForeignJson(bodyText)
  const isOverflow = hasOverflowCode(body) || overflowWords.some((words) => words.test(message))
  if (!isOverflow) return undefined
  const promptTokens = numberAt(body, 'error', 'n_prompt_tokens') ?? firstNumber(message, promptPatterns)
  const contextLength = numberAt(body, 'error', 'n_ctx') ?? firstNumber(message, contextPatterns)
  return {
    ...(promptTokens !== undefined && { promptTokens }),
    ...(contextLength !== undefined && { contextLength }),
  }
}

/** llama.cpp names it in `type`; OpenAI and those who follow it in `code`. */
function hasOverflowCode(body: unknown): boolean {
  return (
    textAt(body, 'error', 'type') === 'exceed_context_size_error' ||
    textAt(body, 'error', 'code') === 'context_length_exceeded' ||
    textAt(body, 'code') === 'context_length_exceeded'
  )
}

/** The sentences engines use, each with the engine it was seen from. Without repetition over wildcards: linear. */
const overflowWords: readonly RegExp[] = [
  /exceeds? the available context size/i, // llama.cpp
  /context size has been exceeded/i, // llama.cpp while generating; LM Studio with MLX
  /maximum context length/i, // vLLM, OpenAI, OpenRouter
  /context length is only/i, // vLLM from 0.12
  /longer than the maximum model length/i, // vLLM's engine
  /tokens to keep from the initial prompt is greater than the context length/i, // LM Studio
  /trying to keep the first \d+ tokens when context the overflows/i, // LM Studio before 0.3.20, its spelling
  /n_keep\b.{0,40}>= n_ctx/i, // LM Studio's llama.cpp
  /exceeds? (?:the |maximum |max )*context length/i, // Ollama's embeddings and newer runners
  /exceeds the model's (?:maximum )?context/i, // SGLang, TGI
  /input is too large to process/i, // llama.cpp: an embedding or rerank input beyond the physical batch
  /prompt is too long/i, // Anthropic's words, also used by proxies
]

const promptPatterns: readonly RegExp[] = [
  /request \((\d+) tokens\)/i,
  /passed (\d+) input tokens/i,
  /\((\d+) in the messages/i,
  /(?:contains|has)(?: at least)? (\d+) (?:input )?tokens/i,
  /(?:messages|input) resulted in (?:over )?(\d+) tokens/i,
  /prompt \(length (\d+)\)/i,
  /n_keep\b[^\d]{1,4}(\d+)/i,
  /keep the first (\d+) tokens/i,
  /input \((\d+) tokens\)/i,
  /too long: (\d+) tokens/i,
  /requested (?:about )?(\d+) tokens/i,
]

const contextPatterns: readonly RegExp[] = [
  /available context size \((\d+) tokens\)/i,
  /context length is(?: only)? (\d+)/i,
  /context length of(?: only)? (\d+)/i,
  /maximum model length of (\d+)/i,
  /n_ctx\b[^\d]{1,4}(\d+)/i,
  /context length \((\d+)/i,
  /> (\d+) maximum/i,
]

function firstNumber(message: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const digits = pattern.exec(message)?.[1]
    if (digits !== undefined) return Number(digits)
  }
  return undefined
}
