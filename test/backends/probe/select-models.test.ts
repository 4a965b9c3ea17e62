import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { selectModels } from '../../../src/backends/probe/select-models.ts'
import { backendSettings } from '../../support/backend-settings.ts'

const url = 'http://gpu-box:8080'
const loaded = { id: 'loaded', isLoaded: true, capabilities: {} }
const onDisk = { id: 'on-disk', isLoaded: false, capabilities: {} }
const unsaid = { id: 'unsaid', capabilities: {} }
const nothing = { mayLoad: false, mayPay: false }

test('only loaded models are made to infer, and the others say what would allow it', () => {
  const selected = selectModels([loaded, onDisk, unsaid], backendSettings({ url, trust: 'lan' }), nothing)
  expect(selected.map(({ skipped }) => skipped)).toEqual([
    undefined,
    'not loaded; --load loads it',
    'may not be loaded; --load asks it anyway',
  ])
})

test('nothing is paid and nothing is loaded unless it was allowed, whatever the backend', () => {
  const trust = fc.constantFrom('local', 'lan', 'cloud' as const)
  const models = fc.array(fc.constantFrom(loaded, onDisk, unsaid))
  fc.assert(
    fc.property(trust, fc.boolean(), fc.boolean(), fc.boolean(), models, (trust, isPaid, mayLoad, mayPay, listed) => {
      const settings = backendSettings({ url, trust, isPaid })
      for (const { model, skipped } of selectModels(listed, settings, { mayLoad, mayPay })) {
        if (skipped !== undefined) continue
        const costsMoney = isPaid || trust === 'cloud'
        expect(costsMoney ? mayPay : mayLoad || model.isLoaded === true).toBe(true)
      }
    }),
  )
})

test('models that the operator or the command leaves out do not appear', () => {
  const settings = backendSettings({ url, models: ['*load*'] })
  expect(selectModels([loaded, onDisk, unsaid], settings, nothing).map(({ model }) => model.id)).toEqual(['loaded'])
  const named = { ...nothing, models: ['on-*'] }
  expect(selectModels([loaded, onDisk], backendSettings({ url }), named).map(({ model }) => model.id)).toEqual([
    'on-disk',
  ])
})

test('a model that only the operator names is there as well', () => {
  const settings = backendSettings({ url, models: ['loaded', 'secret-*', 'unlisted'] })
  expect(selectModels([loaded], settings, nothing).map(({ model }) => model.id)).toEqual(['loaded', 'unlisted'])
})

test('a long list is not probed to its end', () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ ...loaded, id: `model-${index}` }))
  const selected = selectModels(many, backendSettings({ url }), nothing)
  expect(selected.filter(({ skipped }) => skipped === undefined)).toHaveLength(8)
  expect(selected.at(-1)?.skipped).toContain('--model')
})
