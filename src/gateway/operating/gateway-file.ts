import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How commands on this machine find the running gateway: written when it is ready, removed when it ends. */
export interface GatewayFile {
  readonly url: string
  readonly pid: number
  readonly instance_id: string
  /** Works for this run of the gateway only. */
  readonly admin_key: string
}

const fileName = 'gateway.json'

/** Readable by its owner alone, since it holds a key. Replaces one that a crashed gateway left behind. */
export function writeGatewayFile(dataDirectory: string, content: GatewayFile): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const file = join(dataDirectory, fileName)
  rmSync(file, { force: true }) // an existing file would keep its own mode
  writeFileSync(file, JSON.stringify(content, null, 2), { mode: 0o600 })
}

/** Removes the file if it is still this gateway's: a second one may have started meanwhile. */
export function removeGatewayFile(dataDirectory: string, instanceId: string): void {
  const content = readGatewayFile(dataDirectory)
  if (content?.instance_id === instanceId) rmSync(join(dataDirectory, fileName), { force: true })
}

/** @returns undefined when no gateway has left word, or what it left cannot be read */
export function readGatewayFile(dataDirectory: string): GatewayFile | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(join(dataDirectory, fileName), 'utf8'))
    return isGatewayFile(content) ? content : undefined
  } catch {
    return undefined // absent, or being written this instant
  }
}

function isGatewayFile(content: unknown): content is GatewayFile {
  return (
    typeof content === 'object' &&
    content !== null &&
    ['url', 'instance_id', 'admin_key'].every((key) => typeof Reflect.get(content, key) === 'string')
  )
}
