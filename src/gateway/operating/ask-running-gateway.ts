import { resolve } from 'node:path'

import { askGateway, findGateway } from '../../cli/admin-client.ts'
import { dataDirectory, processSurroundings } from '../../config/locations.ts'
import { readGatewayFile } from './gateway-file.ts'

/**
 * Asks the gateway that the flags name, else the one on this machine.
 *
 * @throws CliError with what to do next
 */
export function askRunningGateway(options: {
  path: string
  url?: string
  data?: string
  method?: 'GET' | 'POST'
  body?: string
  headers?: Readonly<Record<string, string>>
  timeoutMs?: number
}): Promise<unknown> {
  const { path, url, data, method, body, headers, timeoutMs } = options
  const folder = data === undefined ? dataDirectory(processSurroundings()) : resolve(data)
  const access = findGateway({ url, environment: process.env, running: readGatewayFile(folder) })
  return askGateway(access, path, { method, body, headers, timeoutMs })
}
