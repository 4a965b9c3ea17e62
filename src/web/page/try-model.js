import { duration, rate } from './amounts.js'
import { byId, element } from './elements.js'
import { ask, askForKey, KeyWanted, read } from './gateway.js'

/** The small chat: one question, one reply as it comes, with what the gateway says while a model is loaded. */

/** @type {AbortController | undefined} */
let asking

export function openTry() {
  const form = byId('try')
  if (!(form instanceof HTMLFormElement)) return
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(form)
  })
  stopButton(form).addEventListener('click', () => asking?.abort())
  form.querySelector('textarea')?.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      form.requestSubmit()
    }
  })
}

/** Keeps what is chosen, where it is still there. */
export async function fillModels() {
  const { data } = await read('/v1/models')
  const select = document.querySelector('#try select')
  if (!(select instanceof HTMLSelectElement)) return
  const names = data.map((/** @type {{ id: string }} */ { id }) => id)
  if (JSON.stringify(names) === JSON.stringify(Array.from(select.options, ({ value }) => value))) return
  const chosen = select.value
  select.replaceChildren(...names.map((/** @type {string} */ name) => element('option', { text: name })))
  if (names.includes(chosen)) select.value = chosen
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const facts = new FormData(form)
  const reply = byId('reply')
  const notes = element('footer')
  const thoughts = element('span', { class: 'thoughts' })
  const text = element('span')
  reply.replaceChildren(thoughts, text, notes)
  reply.hidden = false
  asking = new AbortController()
  setBusy(form, true)
  const startedAt = performance.now()
  let firstByteMs
  try {
    const response = await ask('/v1/chat/completions', {
      method: 'POST',
      signal: asking.signal,
      body: {
        model: facts.get('model'),
        messages: [{ role: 'user', content: facts.get('text') }],
        stream: true,
        stream_options: { include_usage: true },
      },
    })
    let usage
    for await (const line of linesOf(response)) {
      if (line.startsWith(': llmr: ')) notes.textContent = line.slice(8)
      if (!line.startsWith('data: {')) continue
      const chunk = JSON.parse(line.slice(6))
      if (chunk.error !== undefined) throw new Error(chunk.error.message)
      firstByteMs ??= performance.now() - startedAt
      const delta = chunk.choices?.[0]?.delta ?? {}
      thoughts.append(delta.reasoning_content ?? '')
      text.append(delta.content ?? '')
      usage = chunk.usage ?? usage
    }
    notes.textContent = summary({ usage, firstByteMs, durationMs: performance.now() - startedAt })
  } catch (error) {
    if (error instanceof KeyWanted) {
      await askForKey()
      notes.textContent = 'Send it again.'
    } else {
      notes.textContent = asking.signal.aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error)
    }
  } finally {
    setBusy(form, false)
  }
}

/** @param {Response} response */
async function* linesOf(response) {
  if (response.body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    rest += decoder.decode(value, { stream: !done })
    const lines = rest.split(/\r?\n/)
    rest = done ? '' : (lines.pop() ?? '')
    yield* lines
    if (done) return
  }
}

/** @param {{ usage?: { prompt_tokens: number, completion_tokens: number }, firstByteMs?: number, durationMs: number }} facts */
function summary({ usage, firstByteMs, durationMs }) {
  const first = firstByteMs === undefined ? '' : `, first token after ${duration(firstByteMs)}`
  if (usage === undefined) return `${duration(durationMs)}${first}`
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage
  const speed = rate({ completionTokens, durationMs, timeToFirstByteMs: firstByteMs, isStream: true })
  return `${promptTokens} tokens read, ${completionTokens} written${speed === '' ? '' : ` at ${speed} a second`}${first}`
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isBusy
 */
function setBusy(form, isBusy) {
  stopButton(form).hidden = !isBusy
  const submit = form.querySelector('button[type=submit]')
  if (submit instanceof HTMLButtonElement) submit.disabled = isBusy
}

/** @param {HTMLFormElement} form */
function stopButton(form) {
  const button = form.elements.namedItem('stop')
  if (!(button instanceof HTMLButtonElement)) throw new Error('expected a button to stop')
  return button
}
