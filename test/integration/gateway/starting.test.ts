import { createServer } from 'node:http'

import { expect, test } from 'vitest'

import { listen } from '../../support/listen.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

test('a request that comes while backends are asked for the first time meets a gateway that is starting, and no fault', async () => {
  const { port, close: free } = await listen(createServer())
  await free()
  const statuses: number[] = []
  const engine = createServer((_, response) => {
    void fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => {
      statuses.push(status)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'fake', object: 'model' }] }))
    })
  })
  const { port: enginePort, close } = await listen(engine)
  await using gateway = await startTestGateway(
    `{ listen: { port: ${port} }, backends: { fake: { url: "http://127.0.0.1:${enginePort}", kind: openai } } }`,
  )
  expect(statuses[0]).toBe(503)
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
  await close()
})
