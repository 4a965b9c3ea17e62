import type { Exchange } from '../../http/exchange.ts'

/** Clients of Ollama look for these very words before they ask for anything; they all say who they are. */
const ollamaClient = /^ollama\b/i

export function answerGreeting(exchange: Exchange, { version, url }: { version: string; url: string }): void {
  const isOllamaClient = ollamaClient.test(exchange.request.headers['user-agent'] ?? '')
  exchange.replyText(
    200,
    isOllamaClient ? 'Ollama is running' : `llmr ${version} is running. Clients talk to ${url}/v1.\n`,
  )
}
