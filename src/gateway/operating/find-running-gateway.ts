import { resolve } from 'node:path'

import { type AdminAccess, findGateway } from '../../cli/admin-client.ts'
import { dataDirectory, processSurroundings } from '../../config/locations.ts'
import { readGatewayFile } from './gateway-file.ts'

/** The gateway that the flags name, else the one on this machine. @throws CliError `gateway_not_running` */
export function findRunningGateway({ url, data }: { readonly url?: string; readonly data?: string }): AdminAccess {
  const folder = data === undefined ? dataDirectory(processSurroundings()) : resolve(data)
  return findGateway({ url, environment: process.env, running: readGatewayFile(folder) })
}
