import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { type ChatOutline, type ChatRole } from '../../src/core/chat/chat-outline.ts'
import { operations } from '../../src/core/operation.ts'
import { backgroundTasks } from '../../src/routing/background-tasks.ts'
import { type Signature, backgroundSignatures } from '../../src/routing/background-signatures.ts'
import { classifyRequest } from '../../src/routing/classify-request.ts'
import { findSignature } from '../../src/routing/find-signature.ts'
import { outlineOf } from './samples.ts'

interface Sample {
  readonly what: string
  readonly user: string
  readonly system?: string
  readonly roles?: readonly ChatRole[]
  readonly isStream?: boolean
  readonly maxTokens?: number
  readonly toolNames?: readonly string[]
  readonly hasToolResults?: boolean
  readonly is?: string
  readonly isOnCriticalPath?: boolean
  readonly carriesConversation?: boolean
}

const fixture = join(import.meta.dirname, '../fixtures/routing/classifications.yaml')
const samples = parse(readFileSync(fixture, 'utf8')) as Record<'background' | 'user' | 'agent', Sample[]>

function outlineOfSample({ user, system = '', roles, isStream = false, ...rest }: Sample): ChatOutline {
  const { maxTokens, toolNames = [], hasToolResults = false } = rest
  return outlineOf({
    lastUserText: user,
    systemText: system,
    roles: roles ?? (system === '' ? ['user'] : ['system', 'user']),
    isStream,
    maxTokens,
    toolNames,
    hasToolResults,
  })
}

describe('what clients ask for on their own account is background (N1.11)', () => {
  test.each(samples.background)('$what', (sample) => {
    const classification = classifyRequest({ operation: 'chat', outline: outlineOfSample(sample) })
    expect(classification).toMatchObject({
      kind: 'background',
      backgroundTask: sample.is,
      isOnCriticalPath: sample.isOnCriticalPath ?? false,
      carriesConversation: sample.carriesConversation ?? false,
    })
    expect(classification.evidence).not.toBe('')
  })
})

describe('what a person asks for is theirs, however it looks (N1.11)', () => {
  test.each(samples.user)('$what', (sample) => {
    const classification = classifyRequest({ operation: 'chat', outline: outlineOfSample(sample) })
    expect(classification).toMatchObject({ kind: 'user', isOnCriticalPath: true, carriesConversation: false })
  })
})

describe('what offers tools or has their results is an agent’s', () => {
  test.each(samples.agent)('$what', (sample) => {
    const classification = classifyRequest({ operation: 'chat', outline: outlineOfSample(sample) })
    expect(classification).toMatchObject({ kind: 'agent', isOnCriticalPath: true })
  })
})

test('every signature is borne by a sample', () => {
  const borne = new Set(
    samples.background.map(
      (sample) => classifyRequest({ operation: 'chat', outline: outlineOfSample(sample) }).evidence,
    ),
  )
  expect(new Set(backgroundSignatures.map(({ evidence }) => evidence)).difference(borne)).toEqual(new Set())
})

describe('a signature that lacks one of its conditions is none', () => {
  const outlines = samples.background.map(outlineOfSample)
  const without = (condition: (signature: Signature) => boolean, change: Partial<ChatOutline>) =>
    outlines
      .filter((outline) => condition(findSignature(outline) ?? expect.unreachable()))
      .map((outline) => findSignature({ ...outline, ...change })?.evidence)

  test('an answered message is no single one', () => {
    const found = without(({ isSingleMessage }) => isSingleMessage === true, { roles: ['user', 'assistant', 'user'] })
    expect(new Set(found)).toEqual(new Set([undefined]))
    expect(new Set(without((signature) => signature.isSingleMessage === true, { roles: ['system'] })).size).toBe(1)
  })

  test('a stream is what no client’s silent task asks for', () => {
    expect(new Set(without(({ isStream }) => isStream === false, { isStream: true }))).toEqual(new Set([undefined]))
  })

  test('room for a long reply is none for an emoji', () => {
    const found = without(({ maxTokensAtMost }) => maxTokensAtMost !== undefined, { maxTokens: 100 })
    expect(found).toEqual([undefined, undefined])
    expect(without(({ maxTokensAtMost }) => maxTokensAtMost !== undefined, { maxTokens: undefined })).toEqual(found)
  })
})

describe('the header x-llmr-task', () => {
  const byHeader = (taskHeader: string, outline = outlineOf()) =>
    classifyRequest({ operation: 'chat', outline, taskHeader })

  test('is exact, whatever the text and the tools say', () => {
    expect(byHeader('title_generation')).toMatchObject({ kind: 'background', backgroundTask: 'title_generation' })
    const withTools = byHeader(' Query_Generation ', outlineOf({ toolNames: ['read'] }))
    expect(withTools).toMatchObject({ backgroundTask: 'query_generation', isOnCriticalPath: true })
  })

  test('is absent when it is empty, as Open WebUI sends it with a person’s turn', () => {
    expect(byHeader('').kind).toBe('user')
    expect(byHeader('  ').kind).toBe('user')
  })

  test('may name the merging of replies, which is what the person reads', () => {
    expect(byHeader('moa_response_generation').kind).toBe('user')
  })

  test('of any other value is a background task without a name, so that labels stay few', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const { kind, backgroundTask, evidence } = byHeader(value)
        const known = kind === 'background' ? Object.keys(backgroundTasks) : [undefined]
        expect(known).toContain(backgroundTask)
        expect(evidence).toMatch(/^[ -~]*$/)
      }),
    )
    expect(byHeader('constructor').backgroundTask).toBe('other')
  })
})

test('other operations have kinds of their own, without an outline', () => {
  const kinds = Object.fromEntries(operations.map((operation) => [operation, classifyRequest({ operation }).kind]))
  expect(kinds).toMatchObject({ chat: 'user', completion: 'user', embedding: 'embedding', rerank: 'other' })
  expect(classifyRequest({ operation: 'embedding', taskHeader: 'title_generation' }).kind).toBe('embedding')
  const waits = (taskHeader?: string) => classifyRequest({ operation: 'embedding', taskHeader }).isOnCriticalPath
  expect([waits(), waits(''), waits('query_generation'), waits('memory_upkeep')]).toEqual([true, true, true, false])
})

test('no chat with tools is background by its text', () => {
  const texts = samples.background.map(outlineOfSample)
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(fc.string(), { minLength: 1 }), (outline, toolNames) => {
      expect(classifyRequest({ operation: 'chat', outline: { ...outline, toolNames } }).kind).toBe('agent')
    }),
  )
})
