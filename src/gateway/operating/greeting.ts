import type { Exchange } from '../../http/exchange.ts'
import { goTo } from './web-page.ts'

/** Clients of Ollama look for these very words before they ask for anything; they all say who they are. */
const ollamaClient = /^ollama\b/i

/** People come by a browser, and want to see something; programs are told where to go in one line. */
export function answerGreeting(exchange: Exchange, { version, url }: { version: string; url: string }): void {
  if (exchange.request.headers.accept?.includes('text/html') === true) return goTo(exchange, 'ui/')
  const isOllamaClient = ollamaClient.test(exchange.request.headers['user-agent'] ?? '')
  exchange.replyText(
    200,
    isOllamaClient ? 'Ollama is running' : `llmr ${version} is running. Clients talk to ${url}/v1.\n`,
  )
}
