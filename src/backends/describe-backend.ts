import { setMaxListeners } from 'node:events'

import type { BackendDescription, BackendSettings } from '../core/backend.ts'
import { adapterOf } from './adapter-of.ts'
import type { BackendApi } from './adapter.ts'
import { call, expectJson } from './call.ts'
import type { Connection } from './connection.ts'
import { detectKind } from './detect-kind.ts'
import { BackendFailure } from './failure.ts'

export interface Deadline {
  /** For the whole answer, however many requests it takes. */
  readonly timeoutMs: number
  /** Gives up earlier; its reason is what is thrown then. */
  readonly signal?: AbortSignal
}

export interface DescribeOptions extends Deadline {
  /** What it said last time: spares questions whose answers cannot have changed. */
  readonly previous?: BackendDescription
}

/**
 * Asks a backend what it is and what it has. Loads nothing, wakes nothing, costs nothing.
 *
 * @throws BackendFailure when it cannot be reached, refuses the credentials, or is not what its kind says.
 */
export async function describeBackend(
  connection: Connection,
  { previous, ...deadline }: DescribeOptions,
): Promise<BackendDescription> {
  const api = openApi(connection, deadline)
  const { settings } = connection
  if (settings.kind !== 'auto') return adapterOf(settings.kind).describe(api, settings, previous)
  if (previous !== undefined && !isGuess(previous, settings)) {
    const description = await describeAsBefore(api, settings, previous)
    if (description !== undefined) return description
  }
  return adapterOf(await detectKind(api, settings)).describe(api, settings)
}

/** A server that was not recognised may have been starting; nobody's cloud is asked again, though. */
function isGuess({ kind }: BackendDescription, { trust }: BackendSettings): boolean {
  return kind === 'openai' && trust !== 'cloud'
}

/** `undefined` when another engine seems to have taken the address: it answers, but not as the one before did. */
async function describeAsBefore(
  api: BackendApi,
  settings: BackendSettings,
  previous: BackendDescription,
): Promise<BackendDescription | undefined> {
  try {
    return await adapterOf(previous.kind).describe(api, settings, previous)
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error
    if (error.causeClass !== 'malformed' && error.causeClass !== 'rejected') throw error
    return undefined
  }
}

/**
 * One cheap request that tells whether a backend is well; `kind` is what `describeBackend` found.
 *
 * @throws BackendFailure when it is not.
 */
export function checkBackend(
  connection: Connection,
  { kind, ...deadline }: Deadline & { readonly kind: string },
): Promise<{ readonly isLoading: boolean }> {
  return adapterOf(kind).check(openApi(connection, deadline))
}

/** Questions to one backend that share one deadline. */
export function openApi(connection: Connection, { timeoutMs, signal: given }: Deadline): BackendApi {
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = given === undefined ? timeout : AbortSignal.any([given, timeout])
  // One listener for each question under way, and Node suspects a leak from the eleventh on.
  setMaxListeners(0, signal)
  const ask: BackendApi['ask'] = (method, path, json) =>
    call(connection, { method, path, signal, ...(json !== undefined && { json }) })
  return {
    ask,
    get: async (path) => expectJson(connection, await ask('GET', path)),
    post: async (path, json) => expectJson(connection, await ask('POST', path, json)),
    expectJson: (reply) => expectJson(connection, reply),
  }
}
