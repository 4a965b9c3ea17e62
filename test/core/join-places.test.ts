import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { joinPlaces } from '../../src/core/join-places.ts'
import { anyPlace } from '../support/gateway-states.ts'

const place = { residence: 'loaded', running: 1, queued: 2, slots: 2, path: ['box'] } as const

test('the best place is what a model is, and all that is in hand counts', () => {
  const other = { ...place, residence: 'unloaded', expectedLoadMs: 9_000, path: ['other'] } as const
  expect(joinPlaces([other, place])).toEqual({ residence: 'loaded', running: 2, queued: 4, slots: 4 })
  expect(joinPlaces([])).toEqual({ residence: 'unknown', running: 0, queued: 0 })
})

test('a machine that is told of on two ways is counted once', () => {
  fc.assert(
    fc.property(anyPlace, fc.constantFrom('left', 'right'), (one, way) => {
      expect(joinPlaces([{ ...one, path: [way, ...one.path] }, one])).toEqual(joinPlaces([one]))
    }),
  )
})
