import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import { operations } from '../../src/core/operation.ts'
import { isWider } from '../../src/core/trust.ts'
import { classifyRequest } from '../../src/routing/classify-request.ts'
import { decideRoute } from '../../src/routing/decide-route.ts'
import type { Decision, FallbackRoute } from '../../src/routing/decision.ts'
import type { RouteInput } from '../../src/routing/route-input.ts'
import { createHeuristics } from '../../src/routing/heuristics.ts'
import { isIntentDecisive } from '../../src/routing/is-intent-decisive.ts'
import { backendOf, catalogueOf, inputOf, modelOf, outlineOf, places } from './samples.ts'

function failureOf(input: RouteInput): LlmrError {
  try {
    decideRoute(input)
  } catch (error) {
    if (error instanceof LlmrError) return error
    throw error
  }
  throw new Error('expected a refusal')
}

const coding = outlineOf({ lastUserText: 'Refactor this function' })
const withImage = outlineOf({ hasImages: true })
const withTools = outlineOf({ toolNames: ['read'] })
const title = classifyRequest({ operation: 'chat', outline: outlineOf(), taskHeader: 'title_generation' })
const compaction = classifyRequest({ operation: 'chat', outline: outlineOf(), taskHeader: 'compaction' })

describe('the model that is meant', () => {
  const two = catalogueOf([backendOf('gpu0', ['a', 'b'])])

  test('is the one that the request names', () => {
    const decision = decideRoute(inputOf(two, { model: 'b' }))
    expect(decision).toMatchObject({ model: 'b', reason: 'named', fallbacks: [] })
    expect(places(decision.candidates)).toEqual(['gpu0/b'])
    expect(decision.considered).toBeUndefined()
  })

  test('without a name is the default, the only one, the last used or the only loaded one, in this order (N4.15)', () => {
    const one = catalogueOf([backendOf('gpu0', ['a'])])
    const loaded = catalogueOf([
      backendOf('gpu0', [modelOf('a', { isLoaded: false }), modelOf('b', { isLoaded: true })]),
    ])
    const { heuristics } = inputOf(two).routing
    const withDefault = { routing: { heuristics, defaultModel: 'a' }, lastUsedModel: 'b' }
    expect(decideRoute(inputOf(two, {}, withDefault))).toMatchObject({ model: 'a', reason: 'default model' })
    expect(decideRoute(inputOf(one, {}, { lastUsedModel: 'b' }))).toMatchObject({ model: 'a', reason: 'only model' })
    expect(decideRoute(inputOf(loaded, {}, { lastUsedModel: 'a' }))).toMatchObject({ reason: 'last used model' })
    expect(decideRoute(inputOf(loaded))).toMatchObject({ model: 'b', reason: 'only loaded model' })
  })

  test('without a name and with a choice is asked for, by names that the key may use', () => {
    expect(failureOf(inputOf(two))).toMatchObject({ code: 'invalid_request', facts: { param: 'model' } })
    expect(failureOf(inputOf(two)).message).toContain('one of: a, b')
    expect(failureOf(inputOf(two, { model: '' })).code).toBe('invalid_request')
    const restricted = failureOf(
      inputOf(catalogueOf([backendOf('x', ['a', 'b', 'c'])]), {}, { mayUseModel: (m) => m !== 'b' }),
    )
    expect(restricted.message).toContain('one of: a, c.')
    expect(failureOf(inputOf(catalogueOf([]))).message).toContain('llmr backends list')
  })

  test('without a name is one that can do what is asked: a chat model is no default for embeddings', () => {
    const catalogue = catalogueOf([
      backendOf('gpu0', [
        modelOf('chat', { capabilities: { chat: true, embedding: false } }),
        modelOf('embed', { capabilities: { chat: false, embedding: true } }),
      ]),
    ])
    const routing = { ...inputOf(catalogue).routing, defaultModel: 'chat' }
    const parts = { routing, lastUsedModel: 'chat' }
    expect(decideRoute(inputOf(catalogue, { operation: 'embedding' }, parts)).model).toBe('embed')
    expect(decideRoute(inputOf(catalogue, {}, parts)).model).toBe('chat')

    const auto = catalogueOf(
      [
        backendOf('one', [modelOf('chat', { capabilities: { embedding: false } })]),
        backendOf('two', ['embed', 'other', modelOf('chat', { capabilities: { chat: false, embedding: false } })]),
      ],
      { auto: { pick: { general: 'chat' } } },
    )
    const withAuto = { routing: { ...routing, defaultModel: 'auto' }, lastUsedModel: 'embed' }
    expect(decideRoute(inputOf(auto, { operation: 'embedding' }, withAuto)).model).toBe('embed')
    // One backend that can is enough.
    expect(decideRoute(inputOf(auto, {}, withAuto)).model).toBe('chat')
  })

  test('that nobody has is refused with what is close to it (N2.8)', () => {
    const error = failureOf(inputOf(catalogueOf([backendOf('gpu0', ['qwen3-8b'])]), { model: 'qwen3-8' }))
    expect(error).toMatchObject({ code: 'model_not_found', status: 404, facts: { param: 'model', isRetryable: false } })
    expect(error.message).toBe('There is no model "qwen3-8" here. Did you mean "qwen3-8b"?')
    const far = failureOf(inputOf(catalogueOf([backendOf('gpu0', ['qwen3-8b'])]), { model: 'llama' })).message
    expect(far).toBe(
      'There is no model "llama" here. There is "qwen3-8b"; `aliases` in llmr.yaml lets one of them answer to this name too.',
    )
    expect(failureOf(inputOf(catalogueOf([]), { model: 'llama' })).message).toContain('No backend has reported any')
  })

  test('that only a pattern covers is not found, one that the operator wrote down is out of order', () => {
    const catalogue = catalogueOf([backendOf('gpu0', ['x'])], { 'gpt-*': {}, coder: { backends: ['gpu0'] } })
    expect(failureOf(inputOf(catalogue, { model: 'gpt-4' })).code).toBe('model_not_found')
    const error = failureOf(inputOf(catalogue, { model: 'coder' }))
    expect(error).toMatchObject({ code: 'no_backend_available', status: 503 })
    expect(error.message).toContain('gpu0')
  })

  test('with a name that would break a log line or a message breaks neither', () => {
    const { message } = failureOf(inputOf(two, { model: `a"\n${'z'.repeat(200)}` }))
    expect(message).not.toContain('\n')
    expect(message.length).toBeLessThan(300)
  })
})

describe('what a key may use', () => {
  const catalogue = catalogueOf([backendOf('gpu0', ['small', 'big'])], {
    auto: { pick: { general: 'small', coding: 'big' } },
    fast: { upstream: 'small', aliases: ['gpt-4o'], fallbacks: ['big'] },
  })
  const only = (...models: string[]) => ({ mayUseModel: (model: string) => models.includes(model) })

  test('is refused by name, and says what it may', () => {
    const error = failureOf(inputOf(catalogue, { model: 'big' }, only('small')))
    expect(error).toMatchObject({ code: 'model_not_allowed', status: 403 })
    expect(error.message).toContain('It may use "small".')
    expect(failureOf(inputOf(catalogue, { model: 'big' }, only())).message).toContain('It may use none')
  })

  test('does not show which other names exist', () => {
    const unknown = failureOf(inputOf(catalogue, { model: 'nobody' }, only('small')))
    expect(unknown.message.replace('nobody', 'big')).toBe(
      failureOf(inputOf(catalogue, { model: 'big' }, only('small'))).message,
    )
  })

  test('counts under the name asked for as well as the model’s own', () => {
    expect(decideRoute(inputOf(catalogue, { model: 'gpt-4o' }, only('gpt-4o'))).model).toBe('fast')
    expect(decideRoute(inputOf(catalogue, { model: 'gpt-4o' }, only('fast'))).model).toBe('fast')
  })

  test('holds for picks and fallbacks too', () => {
    const picked = decideRoute(inputOf(catalogue, { model: 'auto', outline: coding }, only('auto', 'small')))
    expect(picked.model).toBe('small')
    expect(failureOf(inputOf(catalogue, { model: 'auto' }, only('auto'))).code).toBe('model_not_allowed')
    expect(decideRoute(inputOf(catalogue, { model: 'fast' }, only('fast'))).fallbacks).toEqual([])
    expect(decideRoute(inputOf(catalogue, { model: 'fast' }, only('fast', 'big'))).fallbacks).toHaveLength(1)
  })
})

describe('a virtual model', () => {
  const pick = { general: 'chat', coding: 'coder', agent: 'agent', vision: 'eyes', long: 'long', background: 'tiny' }
  const sized = Object.values(pick).map((id) => modelOf(id, { contextLength: id === 'long' ? 100_000 : 8_000 }))
  const catalogue = catalogueOf([backendOf('gpu0', sized)], { auto: { pick } })
  const decide = (request: Partial<RouteInput['request']>, parts: Partial<RouteInput> = {}) =>
    decideRoute(inputOf(catalogue, { model: 'auto', ...request }, parts))

  test('goes by background, images, tools, length, intent, words, in this order, and says which', () => {
    const everything = outlineOf({ ...coding, hasImages: true, toolNames: ['read'] })
    expect(decide({ outline: everything, classification: title })).toMatchObject({
      model: 'tiny',
      reason: 'auto: background title_generation',
    })
    expect(decide({ outline: everything })).toMatchObject({ model: 'eyes', reason: 'auto: has images' })
    expect(decide({ outline: withTools })).toMatchObject({ model: 'agent', reason: 'auto: offers tools' })
    expect(decide({ outline: coding }, { intent: 'general' })).toMatchObject({ model: 'chat', reason: 'auto: general' })
    expect(decide({}, { intent: 'coding' })).toMatchObject({ model: 'coder', reason: 'auto: intent coding' })
    expect(decide({ outline: coding })).toMatchObject({ model: 'coder', reason: 'auto: coding by words, score 2.2' })
    expect(decide({})).toMatchObject({ model: 'chat', reason: 'auto: general' })
  })

  test('sends what fits nowhere else to the long pick, and says why', () => {
    expect(decide({ approximateTokens: 20_000 })).toMatchObject({
      model: 'long',
      reason: 'auto: long; chat: prompt of about 20000 tokens, context 8000',
    })
    expect(decide({ outline: coding, approximateTokens: 20_000 }).model).toBe('long')
    expect(decide({ outline: withTools, approximateTokens: 20_000 }).model).toBe('long')
    // Too tight for prompt and reply together.
    const outline = outlineOf({ maxTokens: 4_000 })
    expect(decide({ outline, approximateTokens: 6_500 })).toMatchObject({
      model: 'long',
      reason: 'auto: long; chat: prompt of about 6500 tokens, context 8000',
    })
    expect(decide({ outline, approximateTokens: 5_500 }).model).toBe('chat')
  })

  test('tries the long pick first when a prompt may be too long for all, and any other when there is none', () => {
    const models = [modelOf('chat', { contextLength: 8_000 }), modelOf('long', { contextLength: 9_000 })]
    const tight = (entry: { general: string; long?: string }) =>
      decideRoute(
        inputOf(catalogueOf([backendOf('gpu0', models)], { auto: { pick: entry } }), {
          model: 'auto',
          approximateTokens: 10_000,
        }),
      ).model
    expect(tight({ general: 'chat', long: 'long' })).toBe('long')
    expect(tight({ general: 'chat' })).toBe('chat')
  })

  test('sends no title to the coding model because of the words of the history it carries (N1.11)', () => {
    const { background: _, ...withoutTiny } = pick
    const plain = catalogueOf([backendOf('gpu0', sized)], { auto: { pick: withoutTiny } })
    const request = { model: 'auto', outline: coding, classification: title }
    expect(decideRoute(inputOf(plain, request)).model).toBe('chat')
  })

  test('sends a compaction where its chat goes: it is as long, and as hard', () => {
    expect(decide({ classification: compaction, approximateTokens: 20_000 }).model).toBe('long')
    expect(decide({ classification: compaction }).model).toBe('chat')
    const ofAgent = outlineOf({ hasToolResults: true })
    expect(decide({ classification: compaction, outline: ofAgent }).model).toBe('agent')
  })

  test('gives no person’s request to the background pick, whatever else is missing', () => {
    const lost = catalogueOf([backendOf('gpu0', ['tiny'])], { auto: { pick } })
    expect(failureOf(inputOf(lost, { model: 'auto' }))).toMatchObject({ code: 'no_backend_available' })
    expect(decideRoute(inputOf(lost, { model: 'auto', classification: title })).model).toBe('tiny')
  })

  test('prefers backends with native tools, then takes any: emulation is better than none', () => {
    const tools = (native: boolean) => [modelOf('m', { capabilities: { tools: native } })]
    const entries = { auto: { pick: { general: 'm' } } }
    const mixed = catalogueOf([backendOf('without', tools(false)), backendOf('with', tools(true))], entries)
    const request = { model: 'auto', outline: withTools }
    expect(places(decideRoute(inputOf(mixed, request)).candidates)).toEqual(['with/m'])
    const none = catalogueOf([backendOf('without', tools(false))], entries)
    expect(places(decideRoute(inputOf(none, request)).candidates)).toEqual(['without/m'])
    const small = [modelOf('m', { contextLength: 1_000, capabilities: { tools: false } })]
    const tight = inputOf(catalogueOf([backendOf('small', small)], entries), { ...request, approximateTokens: 1_200 })
    expect(places(decideRoute(tight).candidates)).toEqual(['small/m'])
  })

  test('serves an image by any pick that can read it when the general one says it cannot', () => {
    const models = [
      modelOf('blind', { capabilities: { vision: false } }),
      modelOf('seeing', { capabilities: { vision: true } }),
    ]
    const entries = { auto: { pick: { general: 'blind', coding: 'seeing' } } }
    const decision = decideRoute(
      inputOf(catalogueOf([backendOf('gpu0', models)], entries), { model: 'auto', outline: withImage }),
    )
    expect(decision).toMatchObject({ model: 'seeing', reason: 'auto: what is left; blind: cannot read images' })
  })

  test('may pick another virtual model, but not go round in circles', () => {
    const backends = [backendOf('gpu0', ['m'])]
    const nested = catalogueOf(backends, { outer: { pick: { general: 'inner' } }, inner: { pick: { general: 'm' } } })
    expect(decideRoute(inputOf(nested, { model: 'outer' })).model).toBe('m')
    const circle = catalogueOf(backends, { a: { pick: { general: 'b' } }, b: { pick: { general: 'a' } } })
    expect(failureOf(inputOf(circle, { model: 'a' })).code).toBe('no_backend_available')
  })

  test('takes a topic of the operator’s own to the pick of that name, if there is one', () => {
    const keywords = { long: { book: 1 }, cooking: { egg: 1 } }
    const parts = { routing: { heuristics: createHeuristics({ threshold: 1, keywords }) } }
    expect(decide({ outline: outlineOf({ lastUserText: 'my book' }) }, parts).model).toBe('long')
    expect(decide({ outline: outlineOf({ lastUserText: 'an egg' }) }, parts).model).toBe('chat')
  })

  test('shows the words that decided only to who asks for an explanation: they are from somebody’s message', () => {
    const decision = decide({ outline: outlineOf({ lastUserText: 'Refactor my diary' }) })
    expect(JSON.stringify(decision)).not.toContain('refactor')
    expect(decide({ outline: coding }, { isExplained: true }).topic?.matched).toContain('refactor')
  })

  test('passes on its own policy where the pick has none', () => {
    const own = catalogueOf([backendOf('gpu0', ['a', 'b'])], {
      auto: { pick: { general: 'a', coding: 'coder' }, policy: 'ordered' },
      coder: { upstream: 'b', policy: 'latency' },
    })
    expect(decideRoute(inputOf(own, { model: 'auto' })).policy).toBe('ordered')
    expect(decideRoute(inputOf(own, { model: 'auto', outline: coding })).policy).toBe('latency')
  })
})

describe('hard facts', () => {
  test('an explicit no rules a backend out, silence does not', () => {
    const catalogue = catalogueOf([
      backendOf('no', [modelOf('m', { capabilities: { embedding: false, vision: false } })]),
      backendOf('silent', ['m']),
      backendOf('yes', [modelOf('m', { capabilities: { embedding: true, vision: true } })]),
    ])
    const backendsFor = (request: Partial<RouteInput['request']>) =>
      decideRoute(inputOf(catalogue, { model: 'm', ...request })).candidates.map(({ backend }) => backend)
    expect(backendsFor({ operation: 'embedding' })).toEqual(['silent', 'yes'])
    expect(backendsFor({ outline: withImage })).toEqual(['silent', 'yes'])
    expect(backendsFor({})).toEqual(['no', 'silent', 'yes'])
  })

  test('what no backend can do is not supported, and a repeat would not help', () => {
    const catalogue = catalogueOf([
      backendOf('gpu0', [modelOf('m', { capabilities: { embedding: false, vision: false } })]),
    ])
    const noEmbedding = failureOf(inputOf(catalogue, { model: 'm', operation: 'embedding' }))
    expect(noEmbedding).toMatchObject({ code: 'not_supported', facts: { isRetryable: false } })
    expect(noEmbedding.message).toContain('cannot do embedding')
  })

  test("an image for a model that sees none is the request's fault, and the models that see are named", () => {
    const catalogue = catalogueOf([
      backendOf('gpu0', [
        modelOf('blind', { capabilities: { vision: false } }),
        modelOf('seeing', { capabilities: { vision: true } }),
        modelOf('unknown'),
      ]),
    ])
    const failure = failureOf(inputOf(catalogue, { model: 'blind', outline: withImage }))
    expect(failure).toMatchObject({ code: 'invalid_request', status: 400, facts: { isRetryable: false } })
    expect(failure.message).toBe(
      '"blind" cannot read images, and the request has one. Of the models here, "seeing" can.',
    )
  })

  test('images that are only remembered go where they are seen, else the conversation goes on without them', () => {
    const remembering = outlineOf({ hasImages: true, hasNewImages: false })
    const blind = backendOf('blind', [modelOf('m', { capabilities: { vision: false } })])
    const seeing = backendOf('seeing', [modelOf('m', { capabilities: { vision: true } })])
    const backends = (of: Parameters<typeof catalogueOf>[0]) =>
      decideRoute(inputOf(catalogueOf(of), { model: 'm', outline: remembering })).candidates.map(
        ({ backend }) => backend,
      )
    expect(backends([blind, seeing])).toEqual(['seeing'])
    expect(backends([blind])).toEqual(['blind'])
  })

  test('a named model without native tools still gets requests with tools', () => {
    const catalogue = catalogueOf([backendOf('gpu0', [modelOf('m', { capabilities: { tools: false } })])])
    expect(decideRoute(inputOf(catalogue, { model: 'm', outline: withTools })).model).toBe('m')
  })

  test('a guard model that answers in chat moderates by chatting', () => {
    const models = [modelOf('guard', { capabilities: { chat: true, moderation: false } })]
    const decide = (moderatesBy: 'chat' | 'endpoint') =>
      inputOf(catalogueOf([backendOf('gpu0', models)], { guard: { moderatesBy } }), {
        model: 'guard',
        operation: 'moderation',
      })
    expect(decideRoute(decide('chat')).model).toBe('guard')
    expect(failureOf(decide('endpoint')).code).toBe('not_supported')
  })
})

describe('the length of a prompt', () => {
  const catalogue = catalogueOf([
    backendOf('small', [modelOf('m', { contextLength: 4_000 })]),
    backendOf('large', [modelOf('m', { contextLength: 16_000 })]),
  ])
  const decide = (approximateTokens: number, outline = outlineOf()) =>
    decideRoute(inputOf(catalogue, { model: 'm', approximateTokens, outline }))

  test('rules out what is clearly too small: the estimate has no tokenizer', () => {
    expect(places(decide(3_000).candidates)).toEqual(['small/m', 'large/m'])
    expect(places(decide(7_000).candidates)).toEqual(['large/m'])
    expect(decide(7_000).fallbacks).toEqual([])
    expect(places(decide(20_000).candidates)).toEqual(['large/m'])
  })

  test('keeps what may just hold it for when the roomy backends are gone', () => {
    const decision = decide(5_000)
    expect(places(decision.candidates)).toEqual(['large/m'])
    expect(decision.fallbacks).toMatchObject([{ model: 'm', reason: 'context may be too small' }])
    expect(places(decision.fallbacks[0]?.candidates ?? [])).toEqual(['small/m'])
  })

  test('makes room for a reply, but not for every limit that a client sends', () => {
    expect(places(decide(3_000, outlineOf({ maxTokens: 32_000 })).candidates)).toEqual(['small/m', 'large/m'])
    expect(places(decide(3_500, outlineOf({ maxTokens: 1_000 })).candidates)).toEqual(['large/m'])
  })

  test('beyond every context is refused, with the numbers by which agents start to compact', () => {
    const error = failureOf(inputOf(catalogue, { model: 'm', approximateTokens: 40_000 }))
    expect(error).toMatchObject({ code: 'context_length_exceeded', status: 400, facts: { param: 'messages' } })
    expect(error.facts.overflow).toEqual({ promptTokens: 40_000, contextLength: 16_000 })
  })

  test('plays no part in a batch, where only each piece has to fit', () => {
    const request = { model: 'm', operation: 'embedding', approximateTokens: 1_000_000 } as const
    expect(decideRoute(inputOf(catalogue, request)).candidates).toHaveLength(2)
  })
})

describe('how far a request may go (C3)', () => {
  const backends = [
    backendOf('cloud', ['m', 'far'], { trust: 'cloud' }),
    backendOf('lan', ['m'], { trust: 'lan' }),
    backendOf('here', ['m']),
  ]
  const backendsFor = (mayLeave: 'lan' | 'cloud' | undefined, keyMayLeave: 'lan' | 'cloud' | undefined) =>
    decideRoute(inputOf(catalogueOf(backends, { m: { mayLeave } }), { model: 'm' }, { mayLeave: keyMayLeave }))
      .candidates.map(({ backend }) => backend)
      .sort()

  test('is the model’s own zone, unless model and key both say that it may leave', () => {
    expect(backendsFor(undefined, undefined)).toEqual(['here'])
    expect(backendsFor('cloud', undefined)).toEqual(['here'])
    expect(backendsFor(undefined, 'cloud')).toEqual(['here'])
    expect(backendsFor('cloud', 'lan')).toEqual(['here', 'lan'])
    expect(backendsFor('lan', 'cloud')).toEqual(['here', 'lan'])
    expect(backendsFor('cloud', 'cloud')).toEqual(['cloud', 'here', 'lan'])
  })

  test('is the zone of the model asked for, for fallbacks too', () => {
    const entries = {
      safe: { upstream: 'm', fallbacks: ['far'] },
      open: { upstream: 'm', fallbacks: ['far'], mayLeave: 'cloud' as const },
    }
    const fallbacks = (model: string, mayLeave?: 'cloud') =>
      decideRoute(inputOf(catalogueOf(backends, entries), { model }, { mayLeave })).fallbacks.map(
        (route) => route.model,
      )
    expect(fallbacks('safe', 'cloud')).toEqual([])
    expect(fallbacks('open')).toEqual([])
    expect(fallbacks('open', 'cloud')).toEqual(['far'])
  })

  test('is the general pick’s zone for what a virtual model picks', () => {
    const entries = { auto: { pick: { general: 'm', coding: 'far' } } }
    expect(decideRoute(inputOf(catalogueOf(backends, entries), { model: 'auto', outline: coding })).model).toBe('m')
  })

  test('of fallbacks is what the picked model says, where the virtual one says nothing', () => {
    const entries = {
      auto: { pick: { general: 'open', coding: 'safe', long: 'far' } },
      open: { upstream: 'm', fallbacks: ['far'], mayLeave: 'cloud' as const },
      safe: { upstream: 'm', fallbacks: ['far'] },
    }
    const decide = (outline = outlineOf(), approximateTokens = 0) =>
      decideRoute(
        inputOf(catalogueOf(backends, entries), { model: 'auto', outline, approximateTokens }, { mayLeave: 'cloud' }),
      )
    expect(decide().fallbacks.map((route) => route.model)).toEqual(['far'])
    expect(decide(coding)).toMatchObject({ model: 'safe', fallbacks: [] })
  })

  test('says how to let it leave when the near backend is off', () => {
    const off = [backendOf('cloud', ['m'], { trust: 'cloud' }), backendOf('lan', ['other'], { trust: 'lan' })]
    const catalogue = catalogueOf(off, { m: { backends: ['lan', 'cloud'] } })
    const error = failureOf(inputOf(catalogue, { model: 'm' }))
    expect(error.code).toBe('no_backend_available')
    expect(error.message).toContain('may_leave')
  })
})

describe('fallbacks', () => {
  const backends = [backendOf('gpu0', ['a', 'b', 'c', modelOf('d', { capabilities: { vision: false } })])]
  const fallbacksOf = (entries: Parameters<typeof catalogueOf>[1], request: Partial<RouteInput['request']> = {}) =>
    decideRoute(inputOf(catalogueOf(backends, entries), { model: 'main', ...request })).fallbacks.map(
      ({ model, reason }) => `${model}: ${reason}`,
    )

  test('come in the order written, then those of the fallbacks themselves, each once (N4.13)', () => {
    const entries = {
      main: { upstream: 'a', fallbacks: ['b', 'c'] },
      b: { fallbacks: ['d', 'main', 'c'] },
    }
    expect(fallbacksOf(entries)).toEqual(['b: fallback of main', 'c: fallback of main', 'd: fallback of b'])
  })

  test('must be able to serve the request themselves', () => {
    const entries = { main: { upstream: 'a', fallbacks: ['nobody', 'd', 'b'] } }
    expect(fallbacksOf(entries, { outline: withImage })).toEqual(['b: fallback of main'])
  })

  test('may be virtual: what they come to for this request', () => {
    const entries = { main: { upstream: 'a', fallbacks: ['auto'] }, auto: { pick: { general: 'b', coding: 'c' } } }
    expect(fallbacksOf(entries, { outline: coding })).toEqual(['c: fallback of main, auto: coding by words, score 2.2'])
  })

  test('of a picked model come before those of the virtual model', () => {
    const entries = { main: { pick: { general: 'a' }, fallbacks: ['c'] }, a: { fallbacks: ['b'] } }
    expect(fallbacksOf(entries)).toEqual(['b: fallback of a', 'c: fallback of main'])
  })

  test('are the answer when the model itself has no backend that can', () => {
    const catalogue = catalogueOf(backends, {
      blind: { upstream: 'd', fallbacks: ['b'] },
      gone: { backends: ['nowhere'], fallbacks: ['b'] },
      'gpt-*': { fallbacks: ['b'] },
    })
    for (const model of ['blind', 'gone', 'gpt-4']) {
      const decision = decideRoute(inputOf(catalogue, { model, outline: withImage }))
      expect(decision).toMatchObject({ model: 'b', reason: `fallback of ${model}`, fallbacks: [] })
    }
  })

  test('end, however they are written', () => {
    const names = Array.from({ length: 50 }, (_, index) => `m${index}`)
    const entries = Object.fromEntries(names.map((name) => [name, { fallbacks: names }]))
    const decision = decideRoute(inputOf(catalogueOf([backendOf('gpu0', names)], entries), { model: 'm0' }))
    expect(decision.fallbacks.length).toBeLessThanOrEqual(8)
  })
})

describe('an explanation', () => {
  test('names the choice, what comes after it and what was ruled out, each with a reason', () => {
    const backends = [
      backendOf('one', [modelOf('m', { contextLength: 32_000 })]),
      backendOf('two', ['m', 'b']),
      backendOf('small', [modelOf('m', { contextLength: 1_000 })]),
      backendOf('cloud', ['m'], { trust: 'cloud' }),
    ]
    const catalogue = catalogueOf(backends, {
      auto: { pick: { general: 'm', coding: 'coder', agent: 'coder' }, fallbacks: ['b', 'm'] },
    })
    const input = inputOf(catalogue, { model: 'auto', approximateTokens: 10_000 }, { isExplained: true })
    expect(decideRoute(input).considered).toEqual([
      { model: 'm', backend: 'one', verdict: 'chosen', why: 'auto: general' },
      { model: 'm', backend: 'two', verdict: 'runner-up', why: 'can serve it too' },
      { model: 'b', backend: 'two', verdict: 'runner-up', why: 'fallback of auto' },
      { model: 'm', backend: 'small', verdict: 'excluded', why: 'prompt of about 10000 tokens, context 1000' },
      {
        model: 'm',
        backend: 'cloud',
        verdict: 'excluded',
        why: 'is cloud, the request may go no farther than local',
      },
      { model: 'coder', verdict: 'runner-up', why: 'pick for coding and agent, not needed' },
    ])
  })
})

describe('whether the intent model is worth waiting for', () => {
  const catalogue = catalogueOf([backendOf('gpu0', ['a', 'b', modelOf('c', { contextLength: 1_000 })])], {
    auto: { pick: { general: 'a', coding: 'b', vision: 'b' } },
    same: { pick: { general: 'a', coding: 'a' } },
    short: { pick: { general: 'a', coding: 'c' } },
  })
  const isDecisive = (request: Partial<RouteInput['request']>) => isIntentDecisive(inputOf(catalogue, request))

  test('it is when its answer could change the model', () => {
    expect(isDecisive({ model: 'auto' })).toBe(true)
    expect(isDecisive({ model: 'short' })).toBe(true)
  })

  test('it is not for a named model, equal picks, images, tools, background requests, silence or long prompts', () => {
    expect(isDecisive({ model: 'a' })).toBe(false)
    expect(isDecisive({ model: 'same' })).toBe(false)
    expect(isDecisive({ model: 'auto', outline: withImage })).toBe(false)
    expect(isDecisive({ model: 'auto', outline: withTools })).toBe(false)
    expect(isDecisive({ model: 'auto', classification: title })).toBe(false)
    expect(isDecisive({ model: 'auto', outline: outlineOf({ lastUserText: ' ' }) })).toBe(false)
    expect(isDecisive({ model: 'short', approximateTokens: 5_000 })).toBe(false)
    expect(isDecisive({ model: 'auto', operation: 'embedding', outline: undefined })).toBe(false)
  })
})

describe('any catalogue and any request', () => {
  test('give the same answer by the short way and by the long one', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { considered, topic: _, ...slowly } = outcome({ ...input, isExplained: true })
        expect(outcome(input)).toEqual(slowly)
        expect(considered === undefined).toBe(slowly.error !== undefined)
      }),
      { numRuns: 1_000 },
    )
  })

  test('give a decision that keeps every promise, or an error with a code', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const routes = routesOf(input)
        for (const { candidates, reason } of routes) {
          expect(candidates.length).toBeGreaterThan(0)
          expect(reason).toMatch(/^[ -~]{1,200}$/)
        }
        const { operation, outline } = input.request
        const facts = routes.flatMap(({ candidates }) => candidates.map(({ description }) => description?.capabilities))
        expect(facts.some((can) => operation === 'embedding' && can?.embedding === false)).toBe(false)
        expect(facts.some((can) => outline?.hasImages && can?.vision === false)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('never go to a wider zone than the model asked for, unless model and key agree (C3)', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const asked = input.catalogue.resolve(input.request.model ?? '')
        const zones = routesOf({ ...input, mayLeave: undefined }).flatMap(({ candidates }) => candidates)
        expect(zones.filter(({ trust }) => asked && isWider(trust, asked.zone))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('never use a model that the key may not, by its own name or by the one it was asked for', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const all = routesOf({ ...input, mayUseModel: () => false })
        expect(all).toEqual([])
      }),
    )
  })
})

interface Outcome extends Partial<Decision> {
  readonly error?: string
  readonly message?: string
  readonly facts?: unknown
}

function outcome(input: RouteInput): Outcome {
  try {
    return decideRoute(input)
  } catch (error) {
    // Anything else would be a mistake of ours and no outcome.
    if (!(error instanceof LlmrError)) throw error
    return { error: error.code, message: error.message, facts: error.facts }
  }
}

function routesOf(input: RouteInput): readonly FallbackRoute[] {
  const { model, candidates, reason, fallbacks = [] } = outcome(input)
  return model !== undefined && candidates && reason !== undefined ? [{ model, candidates, reason }, ...fallbacks] : []
}

const zone = fc.constantFrom('local' as const, 'lan' as const, 'cloud' as const)
const name = fc.constantFrom('a', 'b', 'c', 'auto', 'ünï')
const model = fc.record(
  {
    id: name,
    contextLength: fc.option(fc.constantFrom(1_000, 8_000), { nil: undefined }),
    isLoaded: fc.boolean(),
    capabilities: fc.record(
      { chat: fc.boolean(), embedding: fc.boolean(), vision: fc.boolean(), tools: fc.boolean() },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['id', 'capabilities'] },
)
const backends = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('x', 'y', 'z'), models: fc.array(model, { maxLength: 4 }), trust: zone }),
  { selector: (backend) => backend.name },
)
const entries = fc.dictionary(
  fc.constantFrom('a', 'b', 'auto', 'c*', '*'),
  fc.record(
    {
      backends: fc.array(fc.constantFrom('x', 'y', '*'), { maxLength: 3 }),
      upstream: name,
      aliases: fc.array(name, { maxLength: 1 }),
      fallbacks: fc.array(name, { maxLength: 3 }),
      mayLeave: zone,
      pick: fc.record({ general: name, coding: name, agent: name, background: name }, { requiredKeys: ['general'] }),
    },
    { requiredKeys: [] },
  ),
)
const outline = fc
  .record({
    hasImages: fc.boolean(),
    hasToolResults: fc.boolean(),
    toolNames: fc.array(fc.constant('t'), { maxLength: 1 }),
    lastUserText: fc.constantFrom('', 'hello', coding.lastUserText),
  })
  .map(outlineOf)
const inputs = fc
  .record({
    catalogue: fc.record({ backends, entries }).map((parts) => catalogueOf(parts.backends, parts.entries)),
    model: fc.option(name, { nil: undefined, freq: 10 }),
    operation: fc.oneof(fc.constant('chat' as const), fc.constantFrom(...operations)),
    approximateTokens: fc.constantFrom(0, 900, 1_200, 5_000, 50_000),
    outline,
    parts: fc.record(
      {
        mayLeave: zone,
        mayUseModel: fc.array(name).map((allowed: readonly string[]) => (model: string) => allowed.includes(model)),
        lastUsedModel: name,
        intent: fc.constantFrom('general' as const, 'coding' as const),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ catalogue, outline, parts, ...request }) =>
    inputOf(catalogue, { ...request, outline: request.operation === 'chat' ? outline : undefined }, parts),
  )
