import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type Place, places } from './places.ts'

const json = (stdout: string): unknown => JSON.parse(stdout)

/** Several processes each, some with a database to open. */
const timeout = 90_000

describe.for(places)('operator commands, of $name', ({ skip, open }) => {
  let place: Awaited<ReturnType<Place['open']>>

  beforeAll(async () => {
    if (skip === undefined) place = await open()
  })
  afterAll(() => place?.close())

  test.skipIf(skip)(
    'show a conversation and find words, say when there is nothing, and exit so',
    { timeout },
    async () => {
      const { llmr, kept } = place
      const shown = await llmr('memory', 'show', kept.requestId)
      expect(shown).toMatchObject({ code: 0, stderr: '' })
      expect(shown.stdout).toMatch(new RegExp(`^conversation  ${kept.conversation}\nof {12}ada\n`))
      expect(shown.stdout).toMatch(/user {7}The boiler hums\.\n {2}assistant {2}Bleed it\./)
      const named = await llmr('memory', 'show', 'boiler', '--json')
      expect(json(named.stdout)).toMatchObject({
        schema: 'llmr/memory-show/1',
        conversations: [{ id: kept.conversation, rounds: [{ userText: 'The boiler hums.' }] }],
      })
      const unknown = await llmr('memory', 'show', 'nobody')
      expect(unknown).toMatchObject({ code: 1, stdout: '' })
      expect(unknown.stderr).toMatch(/^Error: Nothing is kept under nobody\.\n {2}→ /)

      const found = await llmr('memory', 'search', 'boiler', '--json')
      expect(json(found.stdout)).toMatchObject({
        schema: 'llmr/memory-search/1',
        found: expect.arrayContaining([expect.objectContaining({ conversation: kept.elsewhere })]),
      })
      const own = await llmr('memory', 'search', 'boiler', '--tenant', 'default')
      expect(own.stdout).toContain(kept.conversation)
      expect(own.stdout).not.toContain('another house')
      const none = await llmr('memory', 'search', 'zebra', '--json')
      expect(none.code).toBe(1)
      expect(json(none.stdout)).toMatchObject({ schema: 'llmr/error/1', error: { code: 'nothing_found' } })
    },
  )

  test.skipIf(skip)('say what waits and what was put aside, show events, and give one back', { timeout }, async () => {
    const { llmr, kept } = place
    const stats = await llmr('events', 'stats', '--json')
    expect(json(stats.stdout)).toMatchObject({
      schema: 'llmr/events-stats/1',
      consumers: [{ consumer: 'persist', waiting: 2, dead_letters: 1 }],
    })
    const tailed = await llmr('events', 'tail', '--once', '--content')
    expect(tailed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Hello.') })
    const lines = tailed.stdout.trimEnd().split('\n').map(json)
    expect(lines).toMatchObject([{ id: `${kept.requestId}/persist` }, { id: 'waiting-1/persist' }, {}])
    const letters = await llmr('events', 'dead-letters')
    expect(letters.stdout).toMatch(/^\d+ {2}persist {2}[\s\S]*reason {2}expected a text$/m)
    const [id = ''] = letters.stdout.split(' ')
    expect(await llmr('events', 'redrive', id)).toMatchObject({ code: 0 })
    const again = await llmr('events', 'redrive', id)
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('llmr events dead-letters') })
    expect(json((await llmr('events', 'stats', '--json')).stdout)).toMatchObject({
      consumers: [{ consumer: 'persist', waiting: 3, dead_letters: 0 }],
    })
  })

  test.skipIf(skip)('draw the way of a request, and write what is kept to a file', { timeout }, async () => {
    const { llmr, kept } = place
    const flow = await llmr('flow', 'show', 'my-run')
    expect(flow).toMatchObject({ code: 0, stdout: expect.stringContaining(kept.requestId) })
    expect(await llmr('flow', 'show', 'no-such')).toMatchObject({ code: 1, stdout: '' })
    const file = join(temporaryFolder(), 'pairs.jsonl')
    const exported = await llmr('export', 'pairs', '--out', file)
    expect(exported).toMatchObject({ code: 0, stdout: `${file}\n` })
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').map(json)).toMatchObject([
      { user_text: 'The boiler hums.' },
      { user_text: 'A boiler of another house.' },
    ])
  })

  test.skipIf(skip)('forget nothing that nobody has confirmed, and then all of it', { timeout }, async () => {
    const { llmr, kept } = place
    const { conversation, elsewhere } = kept
    const both = await llmr('memory', 'forget', conversation, '--principal', 'ada')
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('not both') })
    const trial = await llmr('memory', 'forget', conversation, '--dry-run')
    expect(trial.stdout).toMatch(/^Would be forgotten: 1 conversation with 1 round, \d events?\.\n$/)
    const asked = await llmr('memory', 'forget', conversation)
    expect(asked).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/1 conversation[\s\S]*--yes/) })
    const forgotten = await llmr('memory', 'forget', conversation, '--yes', '--json')
    expect(json(forgotten.stdout)).toMatchObject({
      schema: 'llmr/memory-forget/1',
      conversations: 1,
      rounds: 1,
      is_dry_run: false,
    })
    expect(await llmr('memory', 'show', conversation)).toMatchObject({ code: 1 })
    expect(await llmr('memory', 'show', elsewhere)).toMatchObject({ code: 0 })
    const nothing = await llmr('memory', 'forget', conversation, '--yes')
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to forget') })
  })
})
