import fc from 'fast-check'
import { expect, test } from 'vitest'

import { findMultipartField } from '../../../src/dialects/openai/multipart-field.ts'
import { readRequest } from '../../../src/dialects/openai/read-request.ts'
import { replaceModel } from '../../../src/dialects/openai/replace-model.ts'

function replaceIn(text: string, model: string): unknown {
  const body = Buffer.from(text)
  const contentType = 'application/json'
  const request = readRequest({ contentType, body, query: '' })
  return JSON.parse(replaceModel({ request, body, contentType, model }).toString())
}

test('only the model changes, whatever else the body holds', () => {
  const spacing = fc.constantFrom(undefined, 1, '\t', '  \n')
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 }),
      fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      fc.string({ minLength: 1 }),
      spacing,
      (others, asked, replacement, space) => {
        delete others['model']
        const request =
          asked === undefined ? others : { a: 1, ...others, model: asked, z: ['"model":', { model: 'x' }] }
        const result = replaceIn(JSON.stringify(request, null, space), replacement)
        expect(result).toEqual({ ...JSON.parse(JSON.stringify(request)), model: replacement })
      },
    ),
    { numRuns: 2_000 },
  )
})

test('every byte around the model stays, so that the prefix cache of the engine holds', () => {
  const text =
    '{ "messages" : [ {"role":"user","content":"a \\"model\\": b \\u00e9"} ] ,\n "model"  :  "asked", "x":1.50 }'
  const body = Buffer.from(text)
  const request = readRequest({ contentType: 'application/json', body, query: '' })
  const replaced = replaceModel({ request, body, contentType: 'application/json', model: 'served' }).toString()
  expect(replaced).toBe(text.replace('"asked"', '"served"'))
})

test('of two model keys the last counts, as it does to every JSON parser', () => {
  expect(replaceIn('{"model":"a","model":"b"}', 'c')).toEqual({ model: 'c' })
})

test('a multipart body keeps its file to the byte', () => {
  const file = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))
  const body = Buffer.concat([
    Buffer.from('--XX\r\nContent-Disposition: form-data; name="file"; filename="model"\r\n\r\n'),
    file,
    Buffer.from('\r\n--XX\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--XX--\r\n'),
  ])
  const contentType = 'multipart/form-data; boundary=XX'
  const request = readRequest({ contentType, body, query: '' })
  expect(request).toMatchObject({ model: 'whisper-1', encoding: 'multipart' })
  const replaced = replaceModel({ request, body, contentType, model: 'large' })
  expect(findMultipartField(replaced, contentType, 'model')?.value).toBe('large')
  expect(replaced.includes(file)).toBe(true)
})
