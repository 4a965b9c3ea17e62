import { parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'

/** The messages of which the simulated engine's template has made a prompt, from the body with which that was sent. */
export function promptMessages(body: unknown): { readonly role: string; readonly content: string }[] {
  const prompt = textAt(body, 'prompt') ?? ''
  return Array.from(prompt.matchAll(/<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>\n/gs), ([, role = '', content = '']) => ({
    role,
    content,
  }))
}

/** Where a conversation reaches an engine: as a chat, or as the prompt that it becomes. */
export function isOfChat(path: string): boolean {
  return path === '/v1/chat/completions' || path === '/completion'
}

/** The conversations that an engine was asked to go on with; those that came as prompts with their messages. */
export function sentChats(requests: readonly { readonly path: string; readonly text: string }[]): unknown[] {
  return requests
    .filter(({ path }) => isOfChat(path))
    .map(({ path, text }) => {
      const body = parseForeignJson(text)
      return path === '/completion' && isRecord(body) ? { ...body, messages: promptMessages(body) } : body
    })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
