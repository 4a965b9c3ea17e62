import { findGateway } from '../../cli/admin-client.ts'
import { readGatewayFile } from '../operating/gateway-file.ts'
import type { OwnGateway } from './side-model.ts'

/** The gateway that has left word in this data folder. @throws CliError */
export function runningGateway(dataDirectory: string): OwnGateway {
  return gatewayInReach(dataDirectory, {})
}

/** The one that `LLMR_URL` and `LLMR_KEY` name, else the one of this data folder. @throws CliError */
export function gatewayInReach(
  dataDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): OwnGateway {
  // Compose hands over what is not set as an empty text.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  return findGateway({ url: undefined, environment: given, running: readGatewayFile(dataDirectory) })
}
