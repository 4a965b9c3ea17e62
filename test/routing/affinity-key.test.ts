import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { affinityKey } from '../../src/routing/affinity-key.ts'
import { classifyRequest } from '../../src/routing/classify-request.ts'
import { type SessionClaims, sessionIdentity } from '../../src/routing/session-identity.ts'
import { outlineOf } from './samples.ts'

function keyOf(claims: Partial<SessionClaims>, outline = outlineOf(), taskHeader?: string) {
  const classification = classifyRequest({ operation: 'chat', outline, taskHeader })
  return affinityKey({ claims: { headers: {}, ...claims }, outline, classification })
}

const chat = outlineOf({ systemText: 'You are helpful.' })

describe('the session', () => {
  test('is what the most deliberate source says', () => {
    const sources: readonly (readonly [string, Partial<SessionClaims>])[] = [
      ['llmr:1', { headers: { 'x-llmr-conversation': '1' } }],
      ['claude:2', { headers: { 'x-claude-code-session-id': '2' } }],
      ['thread:3', { headers: { 'thread-id': '3' } }],
      ['session:4', { headers: { 'session-id': '4' } }],
      ['session:5', { headers: { 'x-session-id': '5' } }],
      ['session:6', { headers: { session_id: '6' } }],
      ['openwebui:7', { headers: { 'x-openwebui-chat-id': '7' } }],
      ['conversation:8', { headers: { 'x-conversation-id': '8::qwen3' } }],
      ['response:9', { previousResponseId: '9' }],
      ['cache:10', { promptCacheKey: '10' }],
      ['metadata:11', { metadataUserId: '{"session_id":"11"}' }],
      ['user:12', { user: '12' }],
    ]
    for (const [index, [session]] of sources.entries()) {
      const present = sources.slice(index).map(([, claims]) => claims)
      const headers = Object.assign({}, ...present.map((claims) => claims.headers)) as SessionClaims['headers']
      expect(sessionIdentity(Object.assign({}, ...present, { headers }))?.session).toBe(session)
    }
  })

  test('is not what an empty header says, as templates with nothing to fill in send', () => {
    expect(
      sessionIdentity({ headers: { 'x-llmr-conversation': '', 'x-session-id': ' ' }, user: 'jane' })?.session,
    ).toBe('user:jane')
    expect(sessionIdentity({ headers: { 'x-llmr-conversation': '' } })).toBeUndefined()
  })

  test('is read from both spellings of the Anthropic user id', () => {
    const session = (metadataUserId: string) => sessionIdentity({ headers: {}, metadataUserId })?.session
    expect(session('{"device_id":"d","account_uuid":"","session_id":"s1"}')).toBe('metadata:s1')
    expect(session('user_abc_account_def_session_s2')).toBe('metadata:s2')
    expect(session('{broken')).toBeUndefined()
    expect(session('{"device_id":"d"}')).toBeUndefined()
    expect(session('{"session_id":7}')).toBeUndefined()
    expect(session('jane')).toBeUndefined()
  })

  test('is the first of a header that came twice', () => {
    expect(sessionIdentity({ headers: { 'x-session-id': ['a', 'b'] } })?.session).toBe('session:a')
  })

  test('is never the client request id, which some clients repeat and some do not', () => {
    expect(sessionIdentity({ headers: { 'x-client-request-id': 'r' } })).toBeUndefined()
  })

  test('is bounded, whatever a client sends', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('x-llmr-conversation', 'session_id'), fc.string()), (headers) => {
        expect(sessionIdentity({ headers })?.session.length ?? 0).toBeLessThan(300)
      }),
    )
    expect(sessionIdentity({ headers: {}, promptCacheKey: 'x'.repeat(10_000) })?.session).toHaveLength(262)
  })
})

describe('the key', () => {
  test('holds through a chat, whose turns change everything but the beginning', () => {
    const headers = { 'x-session-id': 'ses_1' }
    const later = { ...chat, lastUserText: 'And then?', roles: ['system', 'user', 'assistant', 'user'] as const }
    expect(keyOf({ headers }, later)).toBe(keyOf({ headers }, chat))
  })

  test('tells the prompts of one session apart: agents by id, others by instructions or tools (R5)', () => {
    const headers = { 'x-claude-code-session-id': 's' }
    const keys = [
      keyOf({ headers }, chat),
      keyOf({ headers: { ...headers, 'x-claude-code-agent-id': 'a' } }, chat),
      keyOf({ headers: { ...headers, 'x-claude-code-agent-id': 'b' } }, chat),
      keyOf({ headers }, { ...chat, systemText: 'You write plans.' }),
      keyOf({ headers }, { ...chat, toolNames: ['read'] }),
      keyOf({ headers }, { ...chat, toolNames: ['read', 'write'] }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('does not change with the billing line that Claude Code puts first', () => {
    const headers = { 'x-claude-code-session-id': 's' }
    const withLine = (line: string) =>
      keyOf({ headers }, { ...chat, systemText: `x-anthropic-billing-header: ${line}\n${chat.systemText}` })
    expect(withLine('cc_version=1; cch=1;')).toBe(keyOf({ headers }, chat))
    expect(withLine('cc_version=2; cch=2;')).toBe(keyOf({ headers }, chat))
    expect(keyOf({ headers }, { ...chat, systemText: 'x-anthropic-billing-header: alone' })).toBeDefined()
  })

  test('of a background request is never the chat’s, so that it does not take the chat’s slot (R5)', () => {
    const headers = { 'x-openwebui-chat-id': 'c' }
    const title = keyOf({ headers }, chat, 'title_generation')
    expect(title).not.toBe(keyOf({ headers }, chat))
    expect(title).toBe(keyOf({ headers: { 'x-openwebui-chat-id': 'another' } }, chat, 'title_generation'))
    expect(title).not.toBe(keyOf({ headers }, chat, 'tags_generation'))
  })

  test('of a compaction is the chat’s, whose whole history it repeats', () => {
    const headers = { 'thread-id': 't' }
    expect(keyOf({ headers }, chat, 'compaction')).toBe(keyOf({ headers }, chat))
  })

  test('without a session is the shared instructions, and without those there is none', () => {
    expect(keyOf({}, chat)).toBe(keyOf({}, { ...chat, lastUserText: 'something else' }))
    expect(keyOf({}, chat)).not.toBe(keyOf({}, { ...chat, systemText: 'You are a pirate.' }))
    expect(keyOf({}, outlineOf())).toBeUndefined()
  })

  test('of a request that is no chat is its session alone', () => {
    const classification = classifyRequest({ operation: 'embedding' })
    expect(affinityKey({ claims: { headers: { session_id: 's' } }, classification })).toBe('session:s||')
    expect(affinityKey({ claims: { headers: {} }, classification })).toBeUndefined()
  })
})
