import { duration, size } from './amounts.js'
import { byId, element, setText, showEach } from './elements.js'
import { ask } from './gateway.js'

/**
 * @typedef {{ name: string, phase: string, isAsleep?: boolean, isPinned: boolean, running: number, queued: number, slots: number,
 *   sizeBytes: Record<string, number>, idleMs?: number, loadingMs?: number, expectedLoadMs?: number, retryInMs?: number }} Model
 * @typedef {{ name: string, sizeBytes: number, usedBytes: number }} Pool
 * @typedef {{ id: string, backends: string[], isLoaded: boolean, isVirtual: boolean }} Listed
 */

/**
 * Those that llmr starts itself, then what other servers have.
 *
 * @param {{ pools: Pool[], models: Model[] }} queue
 * @param {Listed[]} listed
 * @param {(model: string) => void} openLog
 */
export function showModels({ pools, models }, listed, openLog) {
  const own = new Set(models.map(({ name }) => name))
  const elsewhere = listed.filter(({ id }) => !own.has(id))
  byId('models-section').hidden = models.length + elsewhere.length === 0
  showEach(byId('other-models'), elsewhere, { key: ({ id }) => id, make: makeListed })
  showEach(byId('pools'), pools, { key: ({ name }) => name, make: makePool })
  showEach(byId('models'), models, { key: ({ name }) => name, make: (model) => makeModel(model, openLog) })
}

/** @param {Pool} pool */
function makePool({ name }) {
  const bar = element('progress')
  const numbers = element('span', { class: 'number quiet' })
  const row = element('div', { class: 'pool' }, [element('span', { text: name }), bar, numbers])
  return {
    nodes: [row],
    /** @param {Pool} pool */
    update({ sizeBytes, usedBytes }) {
      bar.max = Math.max(1, sizeBytes)
      bar.value = usedBytes
      setText(numbers, `${size(usedBytes) || '0'} of ${size(sizeBytes)}`)
    },
  }
}

/** @param {Listed} model */
function makeListed({ id }) {
  const state = element('td')
  state.colSpan = 5
  return {
    nodes: [element('tr', {}, [element('td', { class: 'name', text: id }), state])],
    /** @param {Listed} model */
    update({ backends, isLoaded, isVirtual }) {
      setText(
        state,
        isVirtual
          ? 'chooses a model for each request'
          : `${isLoaded ? 'in memory' : 'served'} at ${backends.join(', ') || 'no backend now'}`,
      )
      state.className = `state ${isLoaded ? 'good' : 'quiet'}`
    },
  }
}

/**
 * @param {Model} model
 * @param {(model: string) => void} openLog
 */
function makeModel({ name }, openLog) {
  const state = element('td')
  const work = element('td', { class: 'number roomy' })
  const waiting = element('td', { class: 'number roomy' })
  const memory = element('td', { class: 'number' })
  const load = button('Load', () => change('load', { model: name }))
  const unload = button('Unload', () => change('unload', { model: name }))
  const pin = button('Pin 1 h', () => change('pin', { model: name, for_ms: 3_600_000 }))
  const unpin = button('Unpin', () => change('pin', { model: name, for_ms: 0 }))
  const log = element('button', { text: 'Log', onClick: () => openLog(name) })
  const actions = element('td', { class: 'actions' }, [load, unload, pin, unpin, log])
  const label = element('td', { class: 'name', text: name })
  return {
    nodes: [element('tr', {}, [label, state, work, waiting, memory, actions])],
    /** @param {Model} model */
    update(model) {
      const { word, look } = stateOf(model)
      setText(state, word)
      state.className = `state ${look}`
      setText(work, model.running === 0 && model.phase === 'absent' ? '' : `${model.running} of ${model.slots}`)
      setText(waiting, model.queued === 0 ? '' : String(model.queued))
      setText(memory, size(Object.values(model.sizeBytes).reduce((sum, bytes) => sum + bytes, 0)))
      const isHere = model.phase === 'ready' || model.phase === 'loading'
      load.hidden = model.phase !== 'absent'
      unload.hidden = !isHere
      pin.hidden = model.isPinned || !isHere
      unpin.hidden = !model.isPinned
    },
  }
}

/** @param {Model} model */
function stateOf({ phase, isAsleep, idleMs, loadingMs = 0, expectedLoadMs, retryInMs, isPinned }) {
  const pinned = isPinned ? ', pinned' : ''
  switch (phase) {
    case 'ready':
      return { word: `${idleMs === undefined ? 'working' : `idle for ${duration(idleMs)}`}${pinned}`, look: 'good' }
    case 'loading': {
      const left = expectedLoadMs === undefined ? 0 : expectedLoadMs - loadingMs
      return { word: left > 500 ? `loading, about ${duration(left)} left` : 'loading', look: 'busy loading' }
    }
    case 'closing':
      return { word: 'ends what it has in hand', look: 'busy' }
    case 'stopping':
      return { word: 'stopping', look: 'busy' }
    default:
      if (retryInMs !== undefined) return { word: `failed to load, tried again in ${duration(retryInMs)}`, look: 'bad' }
      return { word: isAsleep === true ? 'asleep' : 'not in memory', look: 'quiet' }
  }
}

/**
 * A button that can be pressed once at a time, and says why it did not work.
 *
 * @param {string} text
 * @param {() => Promise<unknown>} act
 */
function button(text, act) {
  const made = element('button', { text })
  made.addEventListener('click', async () => {
    made.disabled = true
    made.title = ''
    setText(made, text)
    try {
      await act()
    } catch (error) {
      made.title = error instanceof Error ? error.message : String(error)
      setText(made, `${text} failed`)
    } finally {
      made.disabled = false
    }
  })
  return made
}

/**
 * @param {string} what
 * @param {object} wish
 */
function change(what, wish) {
  return ask(`/llmr/v1/models/${what}`, { method: 'POST', body: wish })
}
