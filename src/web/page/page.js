import { duration } from './amounts.js'
import { byId, setText } from './elements.js'
import { ask, askForKey, forgetKey, hasKey, KeyWanted, read } from './gateway.js'
import { showModels } from './show-models.js'
import { showBackends, showQueue } from './show-places.js'
import { showRequests } from './show-requests.js'
import { fillModels, openTry } from './try-model.js'

/** What `llmr top` shows, with buttons. Asks once a second, and only while somebody looks. */

const everyMs = 1_000

/** @type {string | undefined} */
let logModel

openTry()
byId('log-close').addEventListener('click', () => openLog(undefined))
byId('forget-key').addEventListener('click', () => {
  forgetKey()
  location.reload()
})
void watch()

async function watch() {
  for (;;) {
    if (!document.hidden) {
      try {
        await look()
      } catch (error) {
        if (error instanceof KeyWanted) await askForKey()
        else say(`The gateway does not answer: ${error instanceof Error ? error.message : String(error)}`, 'bad')
      }
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

async function look() {
  const [status, queue, { requests }] = await Promise.all([
    read('/llmr/v1/status'),
    readQueue(),
    read('/llmr/v1/requests'),
    fillModels(),
  ])
  const { version, started_at: startedAt, url, config_file: file } = status
  const since = duration(Date.now() - Date.parse(startedAt))
  say(`${version} at ${url}, for ${since}${file === undefined ? '' : `, configured by ${file}`}`, '')
  byId('forget-key').hidden = !hasKey()
  const own = new Set(queue.models.map(({ name }) => name))
  showModels(queue, status.models, openLog)
  showQueue(queue.queue)
  showBackends(status.backends.filter((/** @type {{ name: string }} */ { name }) => !own.has(name)))
  showRequests(requests)
  await showLog()
}

/**
 * A gateway that starts no engines has no queue.
 *
 * @returns {Promise<{ models: import('./show-models.js').Model[], pools: import('./show-models.js').Pool[], queue: import('./show-places.js').Waiter[] }>}
 */
async function readQueue() {
  try {
    return await read('/llmr/v1/queue')
  } catch (error) {
    if (error instanceof KeyWanted) throw error
    return { models: [], pools: [], queue: [] }
  }
}

/** @param {string | undefined} model */
function openLog(model) {
  logModel = model
  byId('log-section').hidden = model === undefined
  setText(byId('log-model'), model ?? '')
  setText(byId('log'), '')
  if (model !== undefined) void showLog().then(() => byId('log-section').scrollIntoView({ behavior: 'smooth' }))
}

async function showLog() {
  if (logModel === undefined) return
  const response = await ask(`/llmr/v1/logs?model=${encodeURIComponent(logModel)}`)
  const { lines } = await response.json()
  const log = byId('log')
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 20
  setText(log, lines.map(textOf).join('\n') || 'Nothing yet.')
  if (isAtEnd) log.scrollTop = log.scrollHeight
}

/** @param {unknown} line */
function textOf(line) {
  return typeof line === 'object' && line !== null && 'text' in line ? String(line.text) : String(line)
}

/**
 * @param {string} text
 * @param {string} look
 */
function say(text, look) {
  const place = byId('gateway')
  setText(place, text)
  place.className = look
}
