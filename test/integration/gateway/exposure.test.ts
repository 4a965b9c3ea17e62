import { hash } from 'node:crypto'

import { expect, test } from 'vitest'

import { errorOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

const secret = 'llmr_the-only-key'
const withKey = `auth: { keys: [{ name: only, sha256: ${hash('sha256', secret, 'hex')} }] }`

async function startReachable() {
  const gateway = keep(await startTestGateway(`listen: { host: 0.0.0.0 }\n${withKey}`))
  const url = gateway.url.replace('0.0.0.0', '127.0.0.1')
  const ask = () => postChat(url, {}, { headers: { authorization: `Bearer ${secret}` } })
  expect((await ask()).status).toBe(200)
  return { gateway, url, ask }
}

test('when its last key is revoked, a gateway that others can reach shuts out everybody', async () => {
  const { gateway, url, ask } = await startReachable()
  await gateway.reconfigure('listen: { host: 0.0.0.0 }')
  expect(await errorOf(await ask())).toMatchObject({ status: 401 })
  expect(await errorOf(await postChat(url))).toMatchObject({ status: 401 })
})

test('a reload cannot talk a bound socket into being local', async () => {
  const { gateway, url } = await startReachable()
  await gateway.reconfigure('listen: { host: 127.0.0.1 }')
  expect(await errorOf(await postChat(url))).toMatchObject({ status: 401 })
})

test('without a key no address but loopback is bound, and the way out is told', async () => {
  await expect(startTestGateway('listen: { host: 0.0.0.0 }')).rejects.toThrow(/llmr keys create/)
})
