import { resolve } from 'node:path'

import { type AdminAccess, findGateway } from '../../../cli/admin-client.ts'
import { dataDirectory, processSurroundings } from '../../../config/locations.ts'
import { parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { type GatewayFile, readGatewayFile } from '../gateway-file.ts'

export interface GatewayWhere {
  readonly url?: string
  readonly data?: string
}

/** What is known of the gateway of a data folder. */
export interface GatewayStanding {
  /** Absent: none that answers. */
  readonly access?: AdminAccess
  /** The word that one has left; it may be long gone. */
  readonly file?: GatewayFile
}

/** A gateway on this machine says who it is at once, or something is wrong with it. */
const answerTimeoutMs = 3_000

/**
 * The gateway that `--url` or LLMR_URL names, whether it answers or not; else the one of the data folder, if it does. One
 * that was killed leaves its word behind, and its port to whoever comes: so it has to say who it is.
 */
export async function findAnsweringGateway({ url, data }: GatewayWhere): Promise<GatewayStanding> {
  const surroundings = processSurroundings()
  const folder = data === undefined ? dataDirectory(surroundings) : resolve(data)
  const file = readGatewayFile(folder)
  const { env: environment } = surroundings
  if (url !== undefined || (environment['LLMR_URL'] ?? '') !== '') {
    return { access: findGateway({ url, environment, running: file }) }
  }
  if (file === undefined) return {}
  return (await isItself(file)) ? { access: findGateway({ url, environment, running: file }), file } : { file }
}

async function isItself({ url, instance_id: instanceId }: GatewayFile): Promise<boolean> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(answerTimeoutMs) })
    return textAt(parseForeignJson(await response.text()), 'instance_id') === instanceId
  } catch {
    return false // nobody there, or nobody who answers in time
  }
}
