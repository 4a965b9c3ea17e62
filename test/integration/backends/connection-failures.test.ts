import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { type ConnectionLimits, openConnection } from '../../../src/backends/connection.ts'
import { type BackendFailure, failureFromError } from '../../../src/backends/failure.ts'
import type { BackendSettings } from '../../../src/core/backend.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { type CollectedReply, collectReply } from '../../support/collect-reply.ts'
import { listen } from '../../support/listen.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

type Exit = BackendFailure | CollectedReply

interface Options {
  readonly limits?: Partial<ConnectionLimits>
  readonly settings?: Partial<BackendSettings>
}

/** What becomes of one request to this address. */
async function request(url: string, { limits, settings }: Options = {}): Promise<Exit> {
  const connection = openConnection(backendSettings({ url, ...settings }), { ...patientLimits, ...limits })
  onTestFinished(() => connection.destroy())
  const reply = await collectReply(connection)
  if (reply.error === undefined) return reply
  return failureFromError(reply.error, { url, hasReplyBegun: reply.body !== '' })
}

/** An engine that does this with each connection once a request has arrived on it. */
async function engine(onRequest: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => onRequest(socket))
  })
  const { port, close } = await listen(server)
  onTestFinished(close)
  return `http://127.0.0.1:${port}`
}

const chunkedHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

test('nothing listens: refused', async () => {
  const { port, close } = await listen(createServer())
  await close()
  expect(await request(`http://127.0.0.1:${port}`)).toMatchObject({ causeClass: 'refused' })
})

test('a name with an IPv6 and an IPv4 address where nothing listens: refused', async () => {
  const { port, close } = await listen(createServer())
  await close()
  expect(await request(`http://localhost:${port}`)).toMatchObject({ causeClass: 'refused' })
})

test('a name that does not exist: unresolved', async () => {
  expect(await request('http://no-such-host.invalid')).toMatchObject({ causeClass: 'unresolved' })
})

test('the request is taken and nothing comes back: slow first byte', async () => {
  const url = await engine(() => undefined)
  expect(await request(url, { limits: { firstByteTimeoutMs: 100 } })).toMatchObject({ causeClass: 'slow_first_byte' })
})

test('the reply stops in the middle: idle', async () => {
  const url = await engine((socket) => void socket.write(`${chunkedHead}5\r\nfirst\r\n`))
  expect(await request(url, { limits: { idleTimeoutMs: 100 } })).toMatchObject({ causeClass: 'idle' })
})

test('the connection is reset before the reply: died before reply', async () => {
  const url = await engine((socket) => void socket.resetAndDestroy())
  expect(await request(url)).toMatchObject({ causeClass: 'died_before_reply' })
})

test('the connection is closed politely before the reply: died before reply', async () => {
  const url = await engine((socket) => void socket.end())
  expect(await request(url)).toMatchObject({ causeClass: 'died_before_reply' })
})

test('the connection is reset inside the reply: died mid-stream (N2.9)', async () => {
  const url = await engine((socket) => socket.write(`${chunkedHead}5\r\nfirst\r\n`, () => socket.resetAndDestroy()))
  expect(await request(url)).toMatchObject({ causeClass: 'died_mid_stream' })
})

test('a chunked reply that ends without its last chunk: died mid-stream, not a normal end (N2.9)', async () => {
  const url = await engine((socket) => void socket.end(`${chunkedHead}5\r\nfirst\r\n`))
  expect(await request(url)).toMatchObject({ causeClass: 'died_mid_stream' })
})

test('a reply shorter than it announced: died mid-stream', async () => {
  const url = await engine((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nfirst'))
  expect(await request(url)).toMatchObject({ causeClass: 'died_mid_stream' })
})

test('another protocol answers: malformed', async () => {
  const url = await engine((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  expect(await request(url)).toMatchObject({ causeClass: 'malformed' })
})

test('a connection that the engine closed while it was idle is not used again', async () => {
  const sockets: Socket[] = []
  const url = await engine((socket) => {
    sockets.push(socket)
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  })
  const connection = openConnection(backendSettings({ url }), patientLimits)
  onTestFinished(() => connection.destroy())
  await collectReply(connection)
  sockets[0]?.end()
  expect(await collectReply(connection)).toMatchObject({ status: 200, body: 'ok' })
  expect(sockets).toHaveLength(2)
})

test('plain HTTP behind an https address: tls', async () => {
  const url = await engine((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  expect(await request(url.replace('http:', 'https:'))).toMatchObject({ causeClass: 'tls' })
})

test('a self-signed certificate: tls, unless its authority is given or any certificate is accepted', async () => {
  const folder = temporaryFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', ['req', '-x509', '-nodes', ...curve, '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
    response.end('secure')
  })
  const { port, close } = await listen(server)
  onTestFinished(close)
  const url = `https://127.0.0.1:${port}`
  expect(await request(url)).toMatchObject({ causeClass: 'tls', message: expect.stringContaining('tls.ca') })
  expect(await request(url, { settings: { tls: { ca: cert, insecure: false } } })).toMatchObject({ body: 'secure' })
  expect(await request(url, { settings: { tls: { insecure: true } } })).toMatchObject({ body: 'secure' })
})
