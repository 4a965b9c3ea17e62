import { askGateway } from '../../cli/admin-client.ts'
import { findRunningGateway } from './find-running-gateway.ts'

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
  const access = findRunningGateway({ url, data })
  return askGateway(access, path, { method, body, headers, timeoutMs })
}
