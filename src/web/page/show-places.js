import { duration } from './amounts.js'
import { byId, element, setText, showEach } from './elements.js'

/**
 * @typedef {{ name: string, status: string, kind: string, inflight: number, waiting: number, lastError?: string }} Backend
 * @typedef {{ requestId?: string, model: string, principal?: string, position: number, waitedMs: number, withinMs: number }} Waiter
 */

/** Whoever waits for a model that llmr starts itself. @param {Waiter[]} queue */
export function showQueue(queue) {
  byId('queue-section').hidden = queue.length === 0
  showEach(byId('queue'), queue, {
    key: ({ requestId, model, position }) => requestId ?? `${model} ${position}`,
    make: () =>
      row(5, ({ position, model, principal, waitedMs, withinMs }) => [
        [String(position), 'number'],
        [model, ''],
        [principal ?? '', ''],
        [duration(waitedMs), 'number'],
        [withinMs === 0 ? '' : duration(withinMs), 'number'],
      ]),
  })
}

/** Those that llmr starts itself are among the models. @param {Backend[]} backends */
export function showBackends(backends) {
  byId('backends-section').hidden = backends.length === 0
  showEach(byId('backends'), backends, {
    key: ({ name }) => name,
    make: () =>
      row(6, ({ name, status, kind, inflight, waiting, lastError }) => [
        [name, ''],
        [status, `state ${looks[status] ?? 'bad'}`],
        [kind, 'quiet'],
        [inflight === 0 ? '' : String(inflight), 'number roomy'],
        [waiting === 0 ? '' : String(waiting), 'number roomy'],
        [lastError ?? '', 'quiet'],
      ]),
  })
}

/** @type {Readonly<Record<string, string>>} */
const looks = { healthy: 'good', loading: 'busy loading', unknown: 'quiet' }

/**
 * @param {number} columns
 * @param {(item: any) => [text: string, look: string][]} cellsOf
 */
function row(columns, cellsOf) {
  const cells = Array.from({ length: columns }, () => element('td'))
  return {
    nodes: [element('tr', {}, cells)],
    /** @param {any} item */
    update(item) {
      for (const [index, [text, look]] of cellsOf(item).entries()) {
        const cell = cells[index]
        if (cell === undefined) continue
        setText(cell, text)
        cell.className = look
      }
    },
  }
}
