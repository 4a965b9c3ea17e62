import { hash } from 'node:crypto'

import { expect, test } from 'vitest'

import { readGatewayFile } from '../../../src/gateway/operating/gateway-file.ts'
import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

const key = (name: string, tenant: string) =>
  `{ name: ${name}, tenant: ${tenant}, sha256: ${hash('sha256', `key-of-${name}`)}, scopes: [chat, admin] }`

const auth = `auth: { keys: [${key('alice', 'acme')}, ${key('bob', 'acme')}, ${key('carol', 'globex')}] }`

const as = (name: string) => ({ authorization: `Bearer key-of-${name}` })

test('administrators are shown every request of one correlation id, and of their own tenant only', async () => {
  const dataDirectory = temporaryFolder()
  const gateway = keep(await startTestGateway(auth, { dataDirectory }))
  for (const name of ['alice', 'bob', 'carol']) {
    const headers = { ...as(name), 'x-correlation-id': 'same-label' }
    await (await postChat(gateway.url, { model: 'simulated' }, { headers })).arrayBuffer()
  }
  const seenBy = async (headers: Record<string, string>, query: string) => {
    const reply = await fetch(`${gateway.url}/llmr/v1/requests${query}`, { headers })
    const { requests } = (await reply.json()) as { requests: { principal: string }[] }
    return requests.map(({ principal }) => principal).toSorted()
  }
  for (const query of ['?id=same-label', '']) {
    expect(await seenBy(as('alice'), query)).toEqual(['alice', 'bob'])
    expect(await seenBy(as('carol'), query)).toEqual(['carol'])
    const operator = { authorization: `Bearer ${readGatewayFile(dataDirectory)?.admin_key}` }
    expect(await seenBy(operator, query)).toEqual(['alice', 'bob', 'carol'])
  }
})
