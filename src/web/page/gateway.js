import { byId } from './elements.js'

/** The gateway that this page is of. A key, where one is asked for, is kept for as long as the tab is open. */

const keyName = 'llmr-key'

/** The gateway asks for a key, or for a better one. */
export class KeyWanted extends Error {}

/**
 * @param {string} path below the gateway
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<Response>}
 * @throws KeyWanted, or an Error with the gateway's own words
 */
export async function ask(path, { method = 'GET', body, signal } = {}) {
  const key = sessionStorage.getItem(keyName)
  const headers = {
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`..${path}`, { method, signal, headers, ...content })
  if (response.ok) return response
  if (response.status === 401 || response.status === 403) throw new KeyWanted()
  throw new Error(await messageOf(response))
}

/** @param {string} path */
export async function read(path) {
  const response = await ask(path)
  return response.json()
}

/** Asks the person for a key, and resolves when there is one. */
export async function askForKey() {
  const dialog = byId('key-dialog')
  if (!(dialog instanceof HTMLDialogElement)) return
  if (!dialog.open) dialog.showModal()
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }))
  const input = dialog.querySelector('input')
  if (input !== null && input.value !== '') sessionStorage.setItem(keyName, input.value.trim())
  if (input !== null) input.value = ''
}

export function hasKey() {
  return sessionStorage.getItem(keyName) !== null
}

export function forgetKey() {
  sessionStorage.removeItem(keyName)
}

/** @param {Response} response */
async function messageOf(response) {
  const text = await response.text()
  try {
    return JSON.parse(text).error.message
  } catch {
    return text || `The gateway answered with status ${response.status}.`
  }
}
