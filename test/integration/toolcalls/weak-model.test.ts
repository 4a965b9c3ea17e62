import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { runAgent } from '../../support/toolcalls/agent-client.ts'
import { type Weakness, weaknesses, weakTurn } from '../../support/toolcalls/weak-model.ts'

const keep = closeAfterEach()
const tasksOfEach = 4

test('a model that fails most of twenty tasks alone finishes all of them behind llmr, and docs/agents.md says so', async () => {
  const rows: string[][] = []
  for (const weakness of weaknesses) {
    const { engine, gateway } = await start(weakness)
    rows.push([weakness, await solved(engine.url), await solved(gateway.url)])
  }
  expect(rows).toEqual(weaknesses.map((weakness) => [weakness, weakness === 'none' ? '4 of 4' : '0 of 4', '4 of 4']))
  const page = readFileSync(join(import.meta.dirname, '../../../docs/agents.md'), 'utf8').replaceAll(/ +/g, ' ')
  for (const row of rows) expect(page).toContain(`| ${row.join(' | ')} |`)
})

async function start(weakness: Weakness) {
  const engine = keep(
    await startSimulatedEngine({
      model: 'weak',
      script: ({ path, text }) => (path === '/v1/chat/completions' ? weakTurn(text, weakness) : undefined),
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      toolcalls: { models: { weak: { lane: checked } } }
    `),
  )
  return { engine, gateway }
}

async function solved(url: string): Promise<string> {
  let count = 0
  for (let task = 0; task < tasksOfEach; task++) {
    const name = `module${task}.ts`
    const value = 100 + task
    const files = new Map([
      ['main.ts', 'nothing'],
      [name, `the value is ${value}`],
    ])
    const answer = await runAgent(url, `Which value is set in ${name}?`, files)
    if (answer === `It is ${value}.`) count++
  }
  return `${count} of ${tasksOfEach}`
}
