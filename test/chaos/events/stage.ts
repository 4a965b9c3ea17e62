import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'

import { listen } from '../../support/listen.ts'
import { type KeptService, keptService } from '../../services/kept-service.ts'
import { Victim } from './victim.ts'

const llmr = join(import.meta.dirname, '../../../bin/run.cjs')
const laterWorker = join(import.meta.dirname, 'later-worker.ts')

/** The whole side path as processes of its own, none of them shared with anybody. */
export interface Stage {
  readonly gatewayUrl: string
  readonly natsUrl: string
  readonly databaseUrl: string
  readonly folder: string
  readonly gateway: Victim
  readonly nats: Victim
  readonly postgres: Victim
  /** Of two versions: the later knows events that the other does not. */
  readonly workers: readonly [Victim, Victim]
  /** Ends everything, and takes away what it left. May be called twice. */
  close(options?: { readonly keepsFolder?: boolean }): Promise<void>
}

/** @throws when a server may not be fetched here, or does not answer */
export async function setStage(): Promise<Stage> {
  const [nats, postgres] = await Promise.all([keptService('nats.sh'), keptService('postgres.sh')])
  const [gatewayPort, enginePort] = [await freePort(), await freePort()]
  const folder = mkdtempSync(join(tmpdir(), 'llmr-chaos-events-'))
  const stage = castOf({ folder, nats, postgres, gatewayPort, enginePort })
  const all = [stage.gateway, ...stage.workers, stage.engine, stage.nats, stage.postgres]
  const close: Stage['close'] = async ({ keepsFolder = false } = {}) => {
    for (const victim of all) await victim.close()
    await Promise.all([nats.remove(), postgres.remove()])
    if (!keepsFolder) rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all([stage.nats.start(), stage.postgres.start(), stage.engine.start()])
    await stage.gateway.start()
    await Promise.all(stage.workers.map((worker) => worker.start()))
  } catch (error) {
    await close({ keepsFolder: true })
    throw error
  }
  return { ...stage, close }
}

interface Places {
  readonly folder: string
  readonly nats: KeptService
  readonly postgres: KeptService
  readonly gatewayPort: number
  readonly enginePort: number
}

function castOf({ folder, nats, postgres, gatewayPort, enginePort }: Places) {
  const natsUrl = `nats://127.0.0.1:${nats.port}`
  const databaseUrl = `postgresql://llmr:llmr@127.0.0.1:${postgres.port}/postgres`
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`
  const configFile = join(folder, 'llmr.yaml')
  writeFileSync(configFile, configText({ gatewayPort, enginePort }))
  mkdirSync(join(folder, 'data'))
  const env = { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, LLMR_CONFIG: configFile, LLMR_DATA: join(folder, 'data') }
  const node = process.execPath
  const victim = (
    name: string,
    command: readonly [string, ...string[]],
    isReady: () => Promise<boolean>,
    own: Readonly<Record<string, string>> = env,
  ): Victim => new Victim({ name, command, env: own, logFile: join(folder, `${name}.log`), isReady })
  const worker = ['worker', 'persist', '--batch', '100', '--concurrency', '2'] as const
  return {
    gatewayUrl,
    natsUrl,
    databaseUrl,
    folder,
    gateway: victim('gateway', [node, llmr, 'serve'], () => answers(`${gatewayUrl}/readyz`)),
    engine: victim(
      'engine',
      [node, llmr, 'sim', '--port', String(enginePort), '--time-scale', '0', '--slots', '16', '-c', '65536'],
      () => answers(`http://127.0.0.1:${enginePort}/health`),
      {},
    ),
    nats: victim('nats', nats.command, () => greets(nats.port), {}),
    postgres: victim('postgres', postgres.command, () => acceptsQueries(databaseUrl), {}),
    workers: [
      victim('worker', [node, llmr, ...worker], () => Promise.resolve(true)),
      victim('later worker', [node, laterWorker], () => Promise.resolve(true)),
    ] as const,
  }
}

function configText({ gatewayPort, enginePort }: { gatewayPort: number; enginePort: number }): string {
  return `
listen: { port: ${gatewayPort} }
memory: on
backends: { engine: { url: "http://127.0.0.1:${enginePort}", kind: llama.cpp } }
telemetry: { log: { level: info } }
`
}

async function freePort(): Promise<number> {
  const { port, close } = await listen(createServer())
  await close()
  return port
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
}

/** A NATS server says who it is to everybody who connects. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isReady: boolean) => (): void => {
      socket.destroy()
      resolve(isReady)
    }
    socket.once('data', end(true)).once('error', end(false)).setTimeout(2_000, end(false))
  })
}

async function acceptsQueries(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } finally {
    await client.end().catch(() => undefined)
  }
}
