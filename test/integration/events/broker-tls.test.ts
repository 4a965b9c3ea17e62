import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'

import { expect, onTestFinished, test } from 'vitest'

import { brokerOpener } from '../../../src/gateway/configure/broker-opener.ts'
import { events } from '../../../src/config/sections/events.ts'
import { listen } from '../../support/listen.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function selfSigned(folder: string, name: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  execFileSync('openssl', ['req', ...kind, ...subject, '-out', cert, '-keyout', key], { stdio: 'ignore' })
  return { cert, key }
}

interface Greeting {
  readonly connect: Readonly<Record<string, unknown>>
  readonly clientName: string | undefined
}

/** Speaks as much of NATS as it takes to learn how a client comes: it has no JetStream, and says so. */
async function tlsBroker({ cert, key, ca }: { cert: string; key: string; ca: string }) {
  const { promise: greeted, resolve } = Promise.withResolvers<Greeting>()
  const server = createServer((plain: Socket) => {
    plain.on('error', () => undefined)
    const info = {
      server_id: 'x',
      version: '2.10.0',
      proto: 1,
      headers: true,
      max_payload: 1e6,
      tls_required: true,
      nonce: 'abc',
    }
    plain.write(`INFO ${JSON.stringify(info)}\r\n`)
    const options = { isServer: true, key: readFileSync(key), cert: readFileSync(cert), ca: readFileSync(ca) }
    const socket = new TLSSocket(plain, { ...options, requestCert: true, rejectUnauthorized: true })
    socket.on('error', () => undefined)
    const subscriptions = new Map<string, string>()
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n')) {
        const [verb = '', ...words] = line.split(' ')
        if (verb === 'CONNECT') {
          const { subject } = socket.getPeerCertificate()
          const clientName = Array.isArray(subject.CN) ? subject.CN[0] : subject.CN
          resolve({ connect: JSON.parse(words.join(' ')) as Greeting['connect'], clientName })
        }
        if (verb === 'PING') socket.write('PONG\r\n')
        if (verb === 'SUB') subscriptions.set(words[0]?.replace('*', '') ?? '', words.at(-1) ?? '')
        if (verb === 'PUB') {
          const reply = words[1] ?? ''
          const sid = [...subscriptions].find(([inbox]) => reply.startsWith(inbox))?.[1] ?? '1'
          socket.write(`HMSG ${reply} ${sid} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`)
        }
      }
    })
  })
  const { port, close } = await listen(server)
  onTestFinished(close)
  return { greeted, url: `tls://127.0.0.1:${port}` }
}

/** Of nobody: its form is what counts. */
const credentials = `-----BEGIN NATS USER JWT-----
eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJ4In0.c2ln
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4
------END USER NKEY SEED------
`

test('with events.tls and events.credentials llmr trusts the server by its authority, shows a certificate and signs', async () => {
  const folder = temporaryFolder()
  const server = selfSigned(folder, 'server')
  const client = selfSigned(folder, 'client')
  const file = join(folder, 'llmr.creds')
  writeFileSync(file, credentials)
  const { greeted, url } = await tlsBroker({ ...server, ca: client.cert })
  const settings = { url, tls: { ca: server.cert, ...client }, credentials: file }
  const open = brokerOpener({ events: events.parse(settings) }, {})
  await expect(open?.()).rejects.toThrow(/jetstream/i)
  const { connect, clientName } = await greeted
  expect(clientName).toBe('client')
  expect(connect).toMatchObject({ jwt: expect.stringContaining('eyJ'), sig: expect.any(String), name: 'llmr' })

  const wary = brokerOpener({ events: events.parse({ url, tls: { ...client } }) }, {})
  await expect(wary?.()).rejects.toThrow(/certificate/i)
})

test('a certificate without its key is a mistake that is told', () => {
  expect(events.safeParse({ tls: { cert: 'a.pem' } }).error?.issues[0]?.message).toBe('expected cert and key together')
})
