import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { parseFault, parseFaultFlag } from '../../src/sim/fault.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/simulated-engine.md'), 'utf8')

/** The types that a refusal of an unknown one lists. */
function faultTypes(): string[] {
  try {
    parseFault({})
    return []
  } catch (error) {
    return / of ([^;]+);/.exec(String(error))?.[1]?.split(', ') ?? []
  }
}

test('the page about the simulated engine has a row for every fault', () => {
  expect(faultTypes()).toHaveLength(10)
  for (const type of faultTypes()) expect(page).toContain(`\n| \`${type}\``)
})

test('every fault that the page shows can be used as it stands', () => {
  const flags = Array.from(page.matchAll(/`--fault ([^`]+)`/g), ([, flag = '']) => flag)
  const bodies = Array.from(page.matchAll(/'(\{"type":[^']+\})'/g), ([, body = '']) => body)
  expect(flags.map(parseFaultFlag)).toHaveLength(2)
  expect(bodies.map((body) => parseFault(JSON.parse(body)))).toHaveLength(2)
})
