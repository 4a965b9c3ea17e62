import { createServer, type RequestListener } from 'node:http'

import { expect, test } from 'vitest'

import { fetchImage, NotFetched } from '../../../src/media/fetch-image.ts'
import { pngBase64 } from '../../support/images.ts'
import { listen } from '../../support/listen.ts'
import { closeAfterEach } from '../../support/resources.ts'

const keep = closeAfterEach()
const png = Buffer.from(pngBase64, 'base64')

const options = { maxBytes: 1_000, privateHosts: ['127.0.0.1'], signal: new AbortController().signal }

async function serve(listener: RequestListener): Promise<string> {
  const { port } = keep(await listen(createServer(listener)))
  return `http://127.0.0.1:${port}`
}

const servePng = () =>
  serve((_request, response) => response.writeHead(200, { 'content-type': 'image/png; x=1' }).end(png))

async function problemOf(fetched: Promise<unknown>): Promise<string> {
  const error: unknown = await fetched.catch((thrown: unknown) => thrown)
  if (error instanceof NotFetched) return error.message
  throw new Error('expected it not to be fetched', { cause: error })
}

test('an image comes as Base64 with its type, and nothing of the client or of llmr is sent for it', async () => {
  let headers = {}
  const url = await serve((request, response) => {
    ;({ headers } = request)
    response.writeHead(200, { 'content-type': 'image/png' }).end(png)
  })
  expect(await fetchImage(`${url}/a.png`, options)).toEqual({
    kind: 'base64',
    mediaType: 'image/png',
    data: pngBase64,
  })
  expect(Object.keys(headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
})

test('no address of this machine or its networks is fetched from, in whatever way it is written', async () => {
  const url = await servePng()
  const { port } = new URL(url)
  const places = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0']
  for (const place of places) {
    const fetched = fetchImage(`http://${place}:${port}/`, { ...options, privateHosts: [] })
    expect(await problemOf(fetched), place).toMatch('no public address')
  }
  expect(await problemOf(fetchImage('http://169.254.169.254/', options))).toMatch('no public address')
})

test('a redirect is followed a few times, and checked like an address of its own', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/image') response.writeHead(200, { 'content-type': 'image/png' }).end(png)
    else if (request.url === '/inside') response.writeHead(302, { location: 'http://localhost:1/' }).end()
    else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end()
    else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end()
    else response.writeHead(307, { location: '/image' }).end()
  })
  expect(await fetchImage(`${url}/`, options)).toMatchObject({ data: pngBase64 })
  expect(await problemOf(fetchImage(`${url}/inside`, options))).toMatch('localhost, which is no public address')
  expect(await problemOf(fetchImage(`${url}/file`, options))).toMatch('only http: and https:')
  expect(await problemOf(fetchImage(`${url}/round`, options))).toMatch('redirected more than 3 times')
})

test('what is too large is not read to its end, whether or not it says so', async () => {
  let isCut = false
  const url = await serve((request, response) => {
    response.on('close', () => (isCut = !response.writableFinished))
    response.writeHead(200, {
      'content-type': 'image/png',
      ...(request.url === '/honest' && { 'content-length': 5_000 }),
    })
    response.write(Buffer.alloc(2_000))
  })
  for (const path of ['/honest', '/silent']) {
    expect(await problemOf(fetchImage(url + path, options))).toMatch('has more than 1000 bytes')
    await expect.poll(() => isCut).toBe(true)
    isCut = false
  }
})

test('a page, a refusal, silence and an unreachable server are told apart', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    if (request.url === '/gone') response.writeHead(404).end()
  })
  expect(await problemOf(fetchImage(`${url}/page`, options))).toMatch('is of type text/html')
  expect(await problemOf(fetchImage(`${url}/gone`, options))).toMatch('answered with status 404')
  const signal = AbortSignal.timeout(20)
  expect(await problemOf(fetchImage(`${url}/silent`, { ...options, signal }))).toMatch('did not come in time')
  expect(await problemOf(fetchImage('http://127.0.0.1:1/', options))).toMatch('could not be fetched (ECONNREFUSED)')
  expect(await problemOf(fetchImage('http://me:secret@127.0.0.1/', options))).toMatch('user or password')
  expect(await problemOf(fetchImage('nonsense', options))).toMatch('no valid address')
})
