import { amount, duration, rate } from './amounts.js'
import { byId, element, setText, showEach } from './elements.js'

/**
 * @typedef {{ requestId: string, correlationId: string, startedAtMs: number, model?: string, requestedModel?: string, backend?: string,
 *   reason?: string, promptTokens?: number, cachedTokens?: number, completionTokens?: number, timeToFirstByteMs?: number, durationMs: number,
 *   status: number, errorCode?: string, isClientGone: boolean, isStream?: boolean, operation?: string, principal?: string, path: string,
 *   timeline: { atMs: number, event: string, detail?: string }[] }} Request
 */

const shownMost = 40

/** @param {Request[]} requests the latest first */
export function showRequests(requests) {
  const forModels = requests.filter(({ operation }) => operation !== undefined).slice(0, shownMost)
  byId('no-requests').hidden = forModels.length > 0
  showEach(byId('requests'), forModels, { key: ({ requestId }) => requestId, make: makeRequest })
}

/** A request has ended when it is listed, so nothing of it changes. @param {Request} request */
function makeRequest(request) {
  const { startedAtMs, model, requestedModel, backend, reason, promptTokens, cachedTokens, completionTokens } = request
  const details = element('tr', {}, [element('td', { class: 'timeline', colSpan: 10 }, timelineOf(request))])
  details.hidden = true
  const prompt = cachedTokens === undefined || cachedTokens === 0 ? '' : ` (${amount(cachedTokens)} known)`
  const row = element('tr', { class: 'request' }, [
    element('td', { class: 'quiet when', text: new Date(startedAtMs).toLocaleTimeString() }),
    element('td', { class: 'name', text: model ?? requestedModel ?? '' }),
    element('td', { class: 'roomy', text: backend ?? '' }),
    element('td', { class: 'quiet roomy', text: reason ?? '' }),
    element('td', { class: 'number roomy', text: `${amount(promptTokens)}${prompt}` }),
    element('td', { class: 'number roomy', text: amount(completionTokens) }),
    element('td', { class: 'number roomy', text: rate(request) }),
    element('td', { class: 'number roomy', text: duration(request.timeToFirstByteMs) }),
    element('td', { class: 'number', text: duration(request.durationMs) }),
    resultOf(request),
  ])
  row.tabIndex = 0
  row.setAttribute('aria-expanded', 'false')
  const toggle = () => {
    details.hidden = !details.hidden
    row.setAttribute('aria-expanded', String(!details.hidden))
  }
  row.addEventListener('click', toggle)
  row.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      toggle()
    }
  })
  return { nodes: [row, details], update: () => {} }
}

/** @param {Request} request */
function resultOf({ status, errorCode, isClientGone }) {
  if (isClientGone) return element('td', { class: 'quiet end', text: 'client left' })
  if (errorCode !== undefined) return element('td', { class: 'bad end', text: `${status} ${errorCode}` })
  return element('td', { class: status < 400 ? 'good' : 'bad', text: String(status) })
}

/** @param {Request} request */
function timelineOf({ requestId, correlationId, principal, path, timeline }) {
  const id = element('p', { class: 'quiet' })
  setText(
    id,
    `${path} of ${principal ?? 'nobody known'}, request ${requestId}${correlationId === requestId ? '' : `, correlation id ${correlationId}`}`,
  )
  const steps = timeline.map(({ atMs, event, detail }) =>
    element('li', {}, [
      element('span', { class: 'number quiet', text: duration(atMs) }),
      element('span', { text: event }),
      element('span', { class: 'quiet', text: detail ?? '' }),
    ]),
  )
  return [id, element('ol', {}, steps)]
}
