import { expect, test } from 'vitest'

import { editRequest, noEdits } from '../../../src/dialects/openai/edit-request.ts'

const request = { model: 'm', messages: [], temperature: 0.2 }

test('a default holds only where the client said nothing', () => {
  const edits = { ...noEdits, defaults: { temperature: 1, top_k: 20 } }
  expect(editRequest(request, edits)).toEqual({ ...request, top_k: 20 })
})

test('what is set wins over the client, and what is stripped is gone', () => {
  const edits = { ...noEdits, set: { temperature: 0 }, strip: ['seed'] }
  expect(editRequest({ ...request, seed: 1 }, edits)).toEqual({ ...request, temperature: 0 })
})

test('nothing to change leaves the body as it came', () => {
  expect(editRequest(request, noEdits)).toBeUndefined()
  expect(editRequest(request, { ...noEdits, defaults: { temperature: 1 }, strip: ['seed'] })).toBeUndefined()
})

test('what belongs to a name holds when the client asked for that name, and above all else', () => {
  const edits = { ...noEdits, set: { temperature: 0 }, setByName: { thinker: { temperature: 1, effort: 'high' } } }
  expect(editRequest(request, edits, 'thinker')).toEqual({ ...request, temperature: 1, effort: 'high' })
  for (const name of ['m', 'constructor', undefined]) {
    expect(editRequest(request, edits, name)).toEqual({ ...request, temperature: 0 })
  }
})

test('the messages and the model are not for editing', () => {
  const edits = { ...noEdits, set: { messages: ['x'], model: 'other' }, strip: ['messages', 'model'] }
  expect(editRequest(request, edits)).toEqual(request)
})
