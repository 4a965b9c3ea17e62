import { describe, expect, test } from 'vitest'

import { readJsonEnd, readStreamEnd } from '../../../src/dialects/openai/read-reply-end.ts'

const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
const unfinished = 'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n'
const usage =
  'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":8}}}\n\n'

describe('the end of a stream', () => {
  test('with its marker is complete', () =>
    expect(readStreamEnd(`${unfinished}data: [DONE]\n\n`).isComplete).toBe(true))
  test('with a finish reason and no marker is complete: some engines send none', () =>
    expect(readStreamEnd(unfinished + finish).isComplete).toBe(true))
  test('of llama-server’s own endpoints says that generation has stopped, and no text can say so', () => {
    expect(readStreamEnd('data: {"content":"a","stop":false}\n\n').isComplete).toBe(false)
    expect(readStreamEnd('data: {"index":0,"content":"","stop":true,"stop_type":"eos"}\n\n').isComplete).toBe(true)
    const text = JSON.stringify({ content: 'data: {"stop":true}', stop: false })
    expect(readStreamEnd(`data: ${text}\n\n`).isComplete).toBe(false)
  })
  test('without either is a death, not an end (N2.9)', () => expect(readStreamEnd(unfinished).isComplete).toBe(false))
  test('that tells an error is known as one', () =>
    expect(readStreamEnd(`${unfinished}data: {"error":{"message":"boom"}}\n\n`)).toMatchObject({ hasError: true }))
})

test('usage is read from the last chunk that has it', () => {
  expect(readStreamEnd(`${finish}${usage}data: [DONE]\n\n`).usage).toEqual({
    promptTokens: 12,
    completionTokens: 3,
    cachedTokens: 8,
  })
})

test('usage null in earlier chunks does not hide the real one', () => {
  expect(readStreamEnd(`${usage}data: {"usage":null}\n\n`).usage?.promptTokens).toBe(12)
})

test("llama.cpp's timings stand in where no usage was asked for", () => {
  const timings = '{"finish_reason":"stop","timings":{"cache_n":100,"prompt_n":20,"prompt_ms":1.5,"predicted_n":7}}'
  expect(readStreamEnd(`data: ${timings}\n\n`).usage).toEqual({
    promptTokens: 120,
    completionTokens: 7,
    cachedTokens: 100,
  })
})

test('a tail cut inside the usage gives none rather than half of it', () => {
  expect(readJsonEnd('_tokens":12,"completion_tokens":3}}').usage).toBeUndefined()
})

test("the last event of llama-server's own stream is known by its end, however long the prompt that it repeats", () => {
  expect(
    readStreamEnd('…the prompt","has_new_line":false,"truncated":false,"stop_type":"eos","timings":{}}\n\n').isComplete,
  ).toBe(true)
  const said = JSON.stringify({ index: 0, content: 'It is "stop_type":"eos", I think', stop: false })
  expect(readStreamEnd(`data: ${said}\n\n`).isComplete).toBe(false)
})
