import { expect, test } from 'vitest'

import { neverLoads } from '../../../../src/gateway/operating/upstream/never-loads.ts'

test("monitors, clients' probes and the files of an open page bring no model in (N4.11)", () => {
  for (const path of [
    '/health',
    '/metrics',
    '/props',
    '/slots/',
    '/v1/models',
    '/api/tags',
    '/a/bundle.JS',
    '/x.woff2',
  ]) {
    expect([path, neverLoads({ method: 'GET', path })]).toEqual([path, true])
    expect(neverLoads({ method: 'HEAD', path })).toBe(true)
  }
  expect(neverLoads({ method: 'OPTIONS', path: '/v1/chat/completions' })).toBe(true)
  for (const path of ['/', '/ui', '/prompt', '/v1/chat/completions']) {
    expect([path, neverLoads({ method: 'GET', path })]).toEqual([path, false])
  }
  expect(neverLoads({ method: 'POST', path: '/props' })).toBe(false)
})
