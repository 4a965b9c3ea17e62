import { expect } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startScriptedChat } from '../../support/toolcalls/scripted-chat.ts'
import { failureRow } from './failure-row.ts'

const keep = closeAfterEach()

failureRow('engine fails while a reply is followed up', async () => {
  const { post, engine, gateway } = await startScriptedChat(
    keep,
    [
      {
        content: 'Once upon',
        finishReason: 'length',
        beforePiece: (at) =>
          at === 0 ? engine.control.addFault({ type: 'die-mid-stream', afterChunks: 0 }) : undefined,
      },
    ],
    { toolcalls: '{ continue_rounds: 3 }' },
  )
  const response = await post({ messages: [{ role: 'user', content: 'Tell me a story.' }] })
  expect(await response.json()).toMatchObject({
    choices: [{ finish_reason: 'length', message: { content: 'Once upon' } }],
  })
  await gateway.logged(({ msg }) => msg === 'a reply was to be followed up, and is given as it stands')
})

failureRow('model that drafts plans fails or is late', async () => {
  const small = keep(
    await startSimulatedEngine({
      model: 'small',
      faults: [{ type: 'status', status: 500, path: '/v1/chat/completions' }],
    }),
  )
  const { post, gateway } = await startScriptedChat(keep, [{ content: 'Done.' }], {
    backends: `small: { url: "${small.url}", kind: llama.cpp }`,
    toolcalls: '{ planner: { model: small } }',
  })
  const content = 'Implement pagination for the list endpoint in src/server.ts, with tests, and refactor the handler.'
  const response = await post({ messages: [{ role: 'user', content }] })
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Done.' } }] })
  const id = response.headers.get('x-request-id') ?? ''
  await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  expect(await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()).toContain('plan-skipped')
})
