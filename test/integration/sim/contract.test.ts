import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { chatTemplate } from '../../../src/sim/chat-template.ts'
import { ask, events } from './ask.ts'
import { subjectKinds } from './subjects.ts'
import type { Subject } from './subjects.ts'

const hello = [{ role: 'user', content: 'hello there' }]

/** Tokens of the tiny model; the simulated engine passes over a bias. */
const endToken = 2
const callToken = 4

/** For replies that must come to their limit: whatever the model draws, it is not the end. */
const noEnd = { logit_bias: [[endToken, false]] }

const endSoon = { seed: 3, logit_bias: [[endToken, 3]] }

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Tells the weather.',
    parameters: { type: 'object', properties: { city: { type: 'string', enum: ['Rome'] } }, required: ['city'] },
  },
}

/** Makes a random model call the tool at once and then stop. */
const callSoon = {
  messages: hello,
  tools: [weather],
  tool_choice: 'required',
  max_tokens: 400,
  seed: 3,
  logit_bias: [
    [callToken, 18],
    [endToken, 12],
  ],
}

const chunkKeys = ['choices', 'created', 'id', 'model', 'object', 'system_fingerprint']

const timingKeys = [
  'cache_n',
  'predicted_ms',
  'predicted_n',
  'predicted_per_second',
  'predicted_per_token_ms',
  'prompt_ms',
  'prompt_n',
  'prompt_per_second',
  'prompt_per_token_ms',
]

describe.each(await subjectKinds())('$name', (kind) => {
  let folder: string
  let subject: Subject

  beforeAll(async () => {
    if (!kind.isAvailable) return
    folder = await mkdtemp(join(tmpdir(), 'llmr-contract-'))
    subject = await kind.start(folder)
  })

  afterAll(async () => {
    if (!kind.isAvailable) return
    await subject.close()
    await rm(folder, { recursive: true })
  })

  beforeEach(({ skip }) => skip(!kind.isAvailable, kind.name))

  describe('says what it is', () => {
    test.each(['/health', '/v1/health'])('%s is ok', async (path) => {
      const reply = await ask(subject.chat + path)
      expect(reply).toMatchObject({ status: 200, body: { status: 'ok' } })
      expect(reply.headers.get('server')).toBe('llama.cpp')
      expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
    })

    test('/props tells the context of one slot, the slots and the template', async () => {
      const { body } = await ask(`${subject.chat}/props`)
      expect(body).toMatchObject({
        default_generation_settings: { n_ctx: 2048, params: { stream: false, n_predict: -1 } },
        total_slots: 2,
        model_alias: 'contract',
        model_path: expect.any(String),
        modalities: { vision: false, audio: false },
        chat_template: chatTemplate,
        chat_template_caps: {
          supports_object_arguments: true,
          supports_parallel_tool_calls: true,
          supports_preserve_reasoning: false,
          supports_reasoning_effort: false,
          supports_string_content: true,
          supports_system_role: true,
          supports_tool_calls: true,
          supports_tools: true,
          supports_typed_content: false,
        },
        build_info: expect.any(String),
        is_sleeping: false,
      })
    })

    test.each(['/v1/models', '/models'])('%s lists the one model', async (path) => {
      const { body } = await ask(subject.chat + path)
      expect(body).toMatchObject({
        object: 'list',
        data: [
          {
            id: 'contract',
            aliases: ['contract'],
            object: 'model',
            owned_by: 'llamacpp',
            created: expect.any(Number),
            architecture: { input_modalities: ['text'], output_modalities: ['text'] },
            meta: {
              n_ctx: 2048,
              n_embd: expect.any(Number),
              n_vocab: expect.any(Number),
              n_ctx_train: expect.any(Number),
            },
          },
        ],
        models: [{ name: 'contract', model: 'contract', type: 'model', capabilities: ['completion'] }],
      })
    })

    test('/metrics counts in the names that dashboards know', async () => {
      const response = await fetch(`${subject.chat}/metrics`)
      const text = await response.text()
      for (const name of [
        'prompt_tokens_total',
        'tokens_predicted_total',
        'requests_processing',
        'requests_deferred',
      ]) {
        expect(text).toMatch(new RegExp(`^llamacpp:${name} [0-9.e+]+$`, 'm'))
      }
    })
  })

  describe('answers a chat', () => {
    test('whole, with usage and timings', async () => {
      const { status, body } = await ask(`${subject.chat}/v1/chat/completions`, { messages: hello, ...endSoon })
      expect(status).toBe(200)
      expect(Object.keys(body).sort()).toEqual([...chunkKeys, 'timings', 'usage'].sort())
      expect(body).toMatchObject({
        object: 'chat.completion',
        model: 'contract',
        id: expect.stringMatching(/^chatcmpl-[A-Za-z0-9]{32}$/),
        choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: expect.any(String) } }],
      })
      expect(Object.keys(body.choices[0].message).sort()).toEqual(['content', 'role'])
      const { usage, timings } = body
      expect(Object.keys(timings).sort()).toEqual(timingKeys)
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
      expect(usage.prompt_tokens_details.cached_tokens).toBe(timings.cache_n)
      expect(usage.prompt_tokens).toBe(timings.cache_n + timings.prompt_n)
      expect(usage.completion_tokens).toBe(timings.predicted_n)
    })

    test('under its name whatever name was asked for', async () => {
      const request = { model: 'another', messages: hello, max_tokens: 1, ...noEnd }
      const { body } = await ask(`${subject.chat}/chat/completions`, request)
      expect(body).toMatchObject({ model: 'contract' })
    })

    test('as a stream that opens with the role, goes on by tokens and closes with timings and [DONE]', async () => {
      const request = { messages: hello, stream: true, max_tokens: 4, ...noEnd }
      const stream = await events(`${subject.chat}/v1/chat/completions`, request)
      expect(stream.headers.get('content-type')).toBe('text/event-stream')
      expect(stream.headers.get('x-accel-buffering')).toBe('no')
      expect(stream.isDone).toBe(true)
      const [first, ...rest] = stream.data
      const last = rest.pop()
      expect(first).toEqual({
        choices: [{ index: 0, finish_reason: null, delta: { role: 'assistant', content: null } }],
        created: expect.any(Number),
        id: expect.stringMatching(/^chatcmpl-/),
        model: 'contract',
        system_fingerprint: expect.any(String),
        object: 'chat.completion.chunk',
      })
      expect(rest).toHaveLength(4)
      for (const chunk of rest) {
        expect(Object.keys(chunk).sort()).toEqual(chunkKeys)
        expect(chunk.id).toBe(first.id)
        expect(chunk.choices).toEqual([{ index: 0, finish_reason: null, delta: { content: expect.any(String) } }])
      }
      expect(Object.keys(last).sort()).toEqual([...chunkKeys, 'timings'])
      expect(last.choices).toEqual([{ index: 0, finish_reason: 'length', delta: {} }])
      expect(Object.keys(last.timings).sort()).toEqual(timingKeys)
    })

    test('with one more chunk for the usage when it is asked for', async () => {
      const request = {
        messages: hello,
        stream: true,
        max_tokens: 3,
        ...noEnd,
        stream_options: { include_usage: true },
      }
      const { data, isDone } = await events(`${subject.chat}/v1/chat/completions`, request)
      const [last, finish] = data.toReversed()
      expect(isDone).toBe(true)
      expect(finish).not.toHaveProperty('timings')
      expect(finish.choices).toEqual([{ index: 0, finish_reason: 'length', delta: {} }])
      expect(last).toMatchObject({
        choices: [],
        usage: { completion_tokens: 3, prompt_tokens_details: { cached_tokens: expect.any(Number) } },
      })
      expect(Object.keys(last.timings).sort()).toEqual(timingKeys)
    })

    test.each(['max_tokens', 'max_completion_tokens', 'n_predict'])('no longer than %s', async (name) => {
      const { body } = await ask(`${subject.chat}/v1/chat/completions`, { messages: hello, [name]: 3, ...noEnd })
      expect(body).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 3 } })
    })

    test('up to a stop text, which it leaves out', async () => {
      const request = { messages: hello, stop: ['e', 'a', 'i', 'o', 'u'], ...noEnd }
      const { body } = await ask(`${subject.chat}/v1/chat/completions`, request)
      expect(body.choices[0].finish_reason).toBe('stop')
      expect(body.choices[0].message.content).toMatch(/^[^aeiou]*$/)
    })

    test('as JSON of a schema', async () => {
      const schema = {
        type: 'object',
        properties: { kind: { enum: ['chat', 'code'] }, sure: { type: 'boolean' } },
        required: ['kind', 'sure'],
        additionalProperties: false,
      }
      const response_format = { type: 'json_schema', json_schema: { name: 'intent', schema } }
      const { body } = await ask(`${subject.chat}/v1/chat/completions`, { messages: hello, response_format, seed: 3 })
      const value = JSON.parse(body.choices[0].message.content)
      expect(Object.keys(value).sort()).toEqual(['kind', 'sure'])
      expect(['chat', 'code']).toContain(value.kind)
      expect(value.sure).toBeTypeOf('boolean')
    })

    test('with progress while it reads the prompt, when asked', async () => {
      const request = { messages: hello, stream: true, max_tokens: 1, return_progress: true, cache_prompt: false }
      const { data } = await events(`${subject.chat}/v1/chat/completions`, request)
      const progress = data.map((chunk) => chunk.prompt_progress).filter(Boolean)
      expect(progress.at(0)).toMatchObject({ cache: 0, processed: 0 })
      expect(progress.at(-1).processed).toBe(progress.at(-1).total)
      expect(Object.keys(progress[0]).sort()).toEqual(['cache', 'processed', 'time_ms', 'total'])
    })

    test('with timings on each token, when asked', async () => {
      const request = { messages: hello, stream: true, max_tokens: 2, timings_per_token: true, ...noEnd }
      const { data } = await events(`${subject.chat}/v1/chat/completions`, request)
      expect(data.map((chunk) => chunk.timings?.predicted_n).filter(Boolean)).toEqual([1, 2, 2])
    })
  })

  describe('calls a tool', () => {
    test('in a whole reply', async () => {
      const { body } = await ask(`${subject.chat}/v1/chat/completions`, callSoon)
      const [choice] = body.choices
      expect(choice.finish_reason).toBe('tool_calls')
      expect(choice.message).toMatchObject({ role: 'assistant', content: expect.any(String) })
      const [call] = choice.message.tool_calls
      expect(call).toEqual({
        type: 'function',
        id: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        function: { name: 'get_weather', arguments: expect.any(String) },
      })
      expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Rome' })
    })

    test('in a stream that names it once and gives its arguments in pieces with its index', async () => {
      const { data, isDone } = await events(`${subject.chat}/v1/chat/completions`, { ...callSoon, stream: true })
      expect(isDone).toBe(true)
      expect(data[0].choices[0].delta).toEqual({ role: 'assistant', content: null })
      const parts = data
        .flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? [])
        .filter((part: { index: number }) => part.index === 0)
      const [first, ...rest] = parts
      expect(first).toEqual({
        index: 0,
        id: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        type: 'function',
        function: { name: 'get_weather', arguments: expect.any(String) },
      })
      expect(rest.length).toBeGreaterThan(1)
      for (const part of rest) expect(part).toEqual({ index: 0, function: { arguments: expect.any(String) } })
      const text = parts.map((part: { function: { arguments: string } }) => part.function.arguments).join('')
      expect(JSON.parse(text)).toEqual({ city: 'Rome' })
      expect(data.at(-1).choices).toEqual([{ index: 0, finish_reason: 'tool_calls', delta: {} }])
    })
  })

  describe('completes text', () => {
    test('in the form of OpenAI', async () => {
      const { body } = await ask(`${subject.chat}/v1/completions`, { prompt: 'hello there', max_tokens: 3, ...noEnd })
      expect(Object.keys(body).sort()).toEqual([...chunkKeys, 'timings', 'usage'].sort())
      expect(body).toMatchObject({
        object: 'text_completion',
        choices: [{ text: expect.any(String), index: 0, logprobs: null, finish_reason: 'length' }],
        usage: { completion_tokens: 3 },
      })
    })

    test('as a stream whose last chunk has the usage unasked', async () => {
      const request = { prompt: 'hello there', max_tokens: 2, stream: true, ...noEnd }
      const { data, isDone } = await events(`${subject.chat}/v1/completions`, request)
      expect(isDone).toBe(true)
      expect(data).toHaveLength(3)
      expect(data[0].choices).toEqual([{ text: expect.any(String), index: 0, logprobs: null, finish_reason: null }])
      expect(data[2]).toMatchObject({
        choices: [{ text: '', index: 0, logprobs: null, finish_reason: 'length' }],
        usage: { completion_tokens: 2 },
      })
    })

    test.each(['/completion', '/completions'])('%s in its own form', async (path) => {
      const { body } = await ask(subject.chat + path, { prompt: 'hello there', n_predict: 3, ...noEnd })
      expect(body).toMatchObject({
        index: 0,
        content: expect.any(String),
        tokens: [],
        id_slot: expect.any(Number),
        stop: true,
        model: 'contract',
        tokens_predicted: 3,
        tokens_evaluated: expect.any(Number),
        generation_settings: { n_predict: 3, stream: false },
        prompt: expect.stringContaining('hello there'),
        truncated: false,
        stop_type: 'limit',
        stopping_word: '',
      })
      expect(body.tokens_cached).toBe(body.tokens_evaluated + 2)
    })

    test('in its own form as a stream without [DONE]', async () => {
      const request = { prompt: 'hello there', n_predict: 2, stream: true, ...noEnd }
      const { data, isDone } = await events(`${subject.chat}/completion`, request)
      expect(isDone).toBe(false)
      expect(data).toHaveLength(3)
      expect(data[1]).toEqual({
        index: 0,
        content: expect.any(String),
        tokens: [expect.any(Number)],
        stop: false,
        id_slot: -1,
        tokens_predicted: 2,
        tokens_evaluated: data[0].tokens_evaluated,
      })
      expect(data[2]).toMatchObject({ content: '', stop: true, stop_type: 'limit', tokens_predicted: 2 })
    })

    test('and says which word stopped it', async () => {
      const stop = ['e', 'a', 'i', 'o', 'u']
      const { body } = await ask(`${subject.chat}/completion`, { prompt: 'hello', n_predict: 50, stop, ...noEnd })
      expect(body).toMatchObject({ stop_type: 'word', stopping_word: expect.stringMatching(/^[aeiou]$/) })
    })
  })

  describe('turns text into tokens and chats into prompts', () => {
    test('text comes back from its tokens', async () => {
      const content = 'héllo there,\n  2 × 3'
      const { body } = await ask(`${subject.chat}/tokenize`, { content })
      const back = await ask(`${subject.chat}/detokenize`, { tokens: body.tokens })
      expect(back.body).toEqual({ content })
    })

    test('tokens come with their pieces', async () => {
      const { body } = await ask(`${subject.chat}/tokenize`, { content: 'hello there', with_pieces: true })
      expect(body.tokens[0]).toEqual({ id: expect.any(Number), piece: expect.any(String) })
      expect(body.tokens.map((token: { piece: string }) => token.piece).join('')).toBe('hello there')
    })

    test('nothing has no tokens', async () => {
      expect((await ask(`${subject.chat}/tokenize`, {})).body).toEqual({ tokens: [] })
      expect((await ask(`${subject.chat}/detokenize`, {})).body).toEqual({ content: '' })
    })

    test('the template renders a chat with tools, calls and results', async () => {
      const call = {
        id: 'a',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Röm","n":[1,2]}' },
      }
      const messages = [
        { role: 'system', content: 'Be brief.' },
        ...hello,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: 'sunny' },
      ]
      const { body } = await ask(`${subject.chat}/apply-template`, { messages, tools: [weather] })
      expect(body).toEqual({
        prompt:
          '<|im_start|>system\nYou may call these tools:\n' +
          '{"type": "function", "function": {"name": "get_weather", "description": "Tells the weather.", ' +
          '"parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Rome"]}}, ' +
          '"required": ["city"]}}}\n' +
          'To call one, write <tool_call>{"name": NAME, "arguments": OBJECT}</tool_call><|im_end|>\n' +
          '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhello there<|im_end|>\n' +
          '<|im_start|>assistant\n<tool_call>{"name": "get_weather", "arguments": {"city": "Röm", "n": [1, 2]}}' +
          '</tool_call><|im_end|>\n<|im_start|>tool\nsunny<|im_end|>\n<|im_start|>assistant\n',
      })
    })

    test('a chat can be counted without being answered', async () => {
      const counted = await ask(`${subject.chat}/v1/chat/completions/input_tokens`, { messages: hello })
      const answered = await ask(`${subject.chat}/v1/chat/completions`, { messages: hello, max_tokens: 1, ...noEnd })
      expect(counted.body).toEqual({
        input_tokens: answered.body.usage.prompt_tokens,
        object: 'response.input_tokens',
      })
    })
  })

  describe('embeds and reranks', () => {
    test('into vectors of length 1, under the name asked for', async () => {
      const request = { model: 'mine', input: ['hello there', 'z'] }
      const { body } = await ask(`${subject.embedding}/v1/embeddings`, request)
      expect(body).toMatchObject({ object: 'list', model: 'mine' })
      expect(body.usage).toEqual({ prompt_tokens: body.usage.total_tokens, total_tokens: expect.any(Number) })
      expect(body.data.map((item: object) => Object.keys(item).sort())).toEqual([
        ['embedding', 'index', 'object'],
        ['embedding', 'index', 'object'],
      ])
      expect(Math.hypot(...body.data[0].embedding)).toBeCloseTo(1, 3)
    })

    test('into base64 of the same floats', async () => {
      const plain = await ask(`${subject.embedding}/v1/embeddings`, { input: 'hello' })
      const packed = await ask(`${subject.embedding}/v1/embeddings`, { input: 'hello', encoding_format: 'base64' })
      const [item] = packed.body.data
      expect(item).toMatchObject({ index: 0, object: 'embedding', encoding_format: 'base64' })
      const floats = new Float32Array(Uint8Array.from(Buffer.from(item.embedding, 'base64')).buffer)
      expect([...floats]).toEqual(plain.body.data[0].embedding.map((value: number) => expect.closeTo(value, 4)))
    })

    test.each(['/embeddings', '/embedding'])('%s in its own form', async (path) => {
      const { body } = await ask(subject.embedding + path, { content: 'hello' })
      expect(body).toEqual([{ index: 0, embedding: [expect.any(Array)] }])
    })

    test('and still chats', async () => {
      const request = { messages: hello, max_tokens: 1, ...noEnd }
      expect(await ask(`${subject.embedding}/v1/chat/completions`, request)).toMatchObject({ status: 200 })
    })

    test('documents by relevance, no more than asked for', async () => {
      const request = { query: 'ba', documents: ['gul gul', 'ba ba'], top_n: 1 }
      const { body } = await ask(`${subject.reranker}/v1/rerank`, request)
      expect(body).toMatchObject({ object: 'list', model: 'contract', usage: { total_tokens: expect.any(Number) } })
      expect(body.results).toEqual([{ index: expect.any(Number), relevance_score: expect.any(Number) }])
    })

    test('texts into a bare list', async () => {
      const { body } = await ask(`${subject.reranker}/rerank`, { query: 'ba', texts: ['gul', 'ba'] })
      expect(body).toHaveLength(2)
      expect(Object.keys(body[0]).sort()).toEqual(['index', 'score'])
      expect(body[0].score).toBeGreaterThanOrEqual(body[1].score)
    })
  })

  describe('refuses in the same words', () => {
    const chat = '/v1/chat/completions'
    const invalid = (message: string) => ({ error: { code: 400, message, type: 'invalid_request_error' } })
    const notFound = { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } }
    const unsupported = (message: string) => ({ error: { code: 501, message, type: 'not_supported_error' } })

    test.each([
      ['a chat without messages', chat, {}, 400, invalid("'messages' is required")],
      ['messages that are no list', chat, { messages: 'x' }, 400, invalid("Expected 'messages' to be an array")],
      [
        'a message without content',
        chat,
        { messages: [{ role: 'user' }] },
        400,
        invalid("All non-assistant messages must contain 'content'"),
      ],
      [
        'an unknown tool choice',
        chat,
        { messages: hello, tools: [weather], tool_choice: 'so' },
        400,
        invalid('Invalid tool_choice: so'),
      ],
      [
        'an unknown response format',
        chat,
        { messages: hello, response_format: { type: 'so' } },
        400,
        invalid('response_format type must be one of "text" or "json_object", but got: so'),
      ],
      [
        'a limit that is no number',
        chat,
        { messages: hello, max_tokens: 'x' },
        400,
        invalid("Field 'max_tokens': [json.exception.type_error.302] type must be number, but is string"),
      ],
      [
        'a completion without a prompt',
        '/v1/completions',
        {},
        400,
        invalid("[json.exception.out_of_range.403] key 'prompt' not found"),
      ],
      ['a template without messages', '/apply-template', {}, 400, invalid("'messages' is required")],
      [
        'embeddings where they are off',
        '/v1/embeddings',
        { input: 'x' },
        501,
        unsupported('This server does not support embeddings. Start it with `--embeddings`'),
      ],
      [
        'reranking where it is off',
        '/v1/rerank',
        { query: 'x', documents: ['y'] },
        501,
        unsupported('This server does not support reranking. Start it with `--reranking`'),
      ],
      ['an unknown path', '/nowhere', {}, 404, notFound],
      ['a known path by another method', '/health', {}, 404, notFound],
    ])('%s', async (_, path, request, status, body) => {
      const reply = await ask(subject.chat + path, request)
      expect(reply.status).toBe(status)
      expect(reply.body).toEqual(body)
    })

    test('what is no JSON', async () => {
      const reply = await ask(`${subject.chat}/v1/chat/completions`, '{bad')
      expect(reply.status).toBe(400)
      expect(reply.body.error).toMatchObject({ code: 400, type: 'invalid_request_error' })
      expect(reply.body.error.message).toMatch(/parse error at line 1, column/)
      expect(reply.headers.get('connection')).toBe('close')
    })

    test.each([{ stream: false }, { stream: true }])(
      'a prompt that is too long, with both numbers: %j',
      async (beside) => {
        const messages = [{ role: 'user', content: 'word '.repeat(3000) }]
        const { status, body } = await ask(`${subject.chat}/v1/chat/completions`, { messages, ...beside })
        expect(status).toBe(400)
        expect(body.error).toEqual({
          code: 400,
          type: 'exceed_context_size_error',
          n_prompt_tokens: expect.any(Number),
          n_ctx: 2048,
          message: `request (${body.error.n_prompt_tokens} tokens) exceeds the available context size (2048 tokens), try increasing it`,
        })
      },
    )

    test('embeddings of nothing', async () => {
      const url = `${subject.embedding}/v1/embeddings`
      expect((await ask(url, {})).body).toEqual(invalid('"input" or "content" must be provided'))
      expect((await ask(url, { input: [] })).body).toEqual(invalid('"input" must not be empty'))
    })
  })

  describe('keeps what a slot has read', () => {
    const prompt = { prompt: 'a long story of a slot that was kept', n_predict: 2, id_slot: 0, ...noEnd }

    test('a prompt asked again is read no further than its last token', async () => {
      await ask(`${subject.chat}/completion`, prompt)
      const { body } = await ask(`${subject.chat}/completion`, prompt)
      expect(body.timings).toMatchObject({ cache_n: body.tokens_evaluated - 1, prompt_n: 1 })
    })

    test('a cache that the request does not want is not used', async () => {
      const { body } = await ask(`${subject.chat}/completion`, { ...prompt, cache_prompt: false })
      expect(body.timings.cache_n).toBe(0)
    })

    test('a saved slot comes back in another slot', async () => {
      await ask(`${subject.chat}/completion`, prompt)
      const saved = await ask(`${subject.chat}/slots/0?action=save`, { filename: 'kept.bin' })
      expect(saved.body).toEqual({
        id_slot: 0,
        filename: 'kept.bin',
        n_saved: expect.any(Number),
        n_written: expect.any(Number),
        timings: { save_ms: expect.any(Number) },
      })
      const erased = await ask(`${subject.chat}/slots/1?action=erase`, {})
      expect(erased.body).toEqual({ id_slot: 1, n_erased: expect.any(Number) })
      const restored = await ask(`${subject.chat}/slots/1?action=restore`, { filename: 'kept.bin' })
      expect(restored.body).toEqual({
        id_slot: 1,
        filename: 'kept.bin',
        n_restored: saved.body.n_saved,
        n_read: saved.body.n_written,
        timings: { restore_ms: expect.any(Number) },
      })
      const { body } = await ask(`${subject.chat}/completion`, { ...prompt, id_slot: 1 })
      expect(body.timings.prompt_n).toBe(1)
    })

    test('/slots lists them', async () => {
      const { body } = await ask(`${subject.chat}/slots`)
      expect(body).toMatchObject([
        { id: 0, n_ctx: 2048, speculative: false, is_processing: false },
        { id: 1, n_ctx: 2048, speculative: false, is_processing: false },
      ])
    })

    test.each([
      ['/slots/0?action=so', {}, 'Invalid action'],
      ['/slots/0', {}, 'Invalid action'],
      ['/slots/so?action=erase', {}, 'Invalid slot ID'],
      ['/slots/0?action=save', {}, "[json.exception.out_of_range.403] key 'filename' not found"],
      ['/slots/0?action=save', { filename: '../kept.bin' }, 'Invalid filename'],
      [
        '/slots/0?action=restore',
        { filename: 'nothing.bin' },
        'Unable to restore slot: No available space in KV cache or invalid slot save file',
      ],
    ])('%s %j is refused', async (path, request, message) => {
      const { status, body } = await ask(subject.chat + path, request)
      expect(status).toBe(400)
      expect(body).toEqual({ error: { code: 400, message, type: 'invalid_request_error' } })
    })
  })
})
