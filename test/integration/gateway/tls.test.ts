import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { expect, test } from 'vitest'

import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

function selfSigned(folder: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  execFileSync('openssl', ['req', ...kind, ...subject, '-out', cert, '-keyout', key], { stdio: 'ignore' })
  return { cert, key }
}

function get(url: string, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { ca }, (response) => text(response).then(resolve, reject))
      .on('error', reject)
      .end()
  })
}

test('with listen.tls the gateway speaks HTTPS, and another llmr trusts it by its authority', async () => {
  const { cert, key } = selfSigned(temporaryFolder())
  const gateway = keep(await startTestGateway(`listen: { tls: { cert: "${cert}", key: "${key}" } }`))
  expect(gateway.url).toMatch(/^https:/)
  expect(JSON.parse(await get(`${gateway.url}/healthz`, readFileSync(cert)))).toMatchObject({ status: 'ok' })

  const trusting = keep(await startTestGateway(`backends: { peer: { url: "${gateway.url}", tls: { ca: "${cert}" } } }`))
  expect(trusting.fleet.get('peer')?.health.status).toBe('healthy')
  const wary = keep(await startTestGateway(`backends: { peer: { url: "${gateway.url}" } }`))
  expect(wary.fleet.get('peer')?.health).toMatchObject({ status: 'failing', cause: 'tls' })
})
