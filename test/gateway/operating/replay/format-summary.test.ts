import { expect, test } from 'vitest'

import { formatSummary } from '../../../../src/gateway/operating/replay/format-summary.ts'
import type { ReplayedRequest, TranscriptReplay } from '../../../../src/gateway/operating/replay/replay-transcripts.ts'
import type { Intervention } from '../../../../src/toolcalls/prepare/intervention.ts'

const came = { model: 'm', messages: [], tools: [], sampling: {}, isStream: false }
const agent = { kind: 'agent', evidence: '', isOnCriticalPath: true, carriesConversation: false } as const

function run(...done: readonly (readonly Intervention[])[]): TranscriptReplay {
  const requests = done.map((interventions, index): ReplayedRequest => {
    const untouched = { rounds: 0, lane: undefined, classification: agent, came, sent: came, reply: undefined }
    return { ...untouched, number: index + 1, interventions, unlike: undefined }
  })
  return { id: 'run', model: undefined, hasFired: false, requests }
}

test('a run is one line: the rules that held, what was done, and in which requests', () => {
  const nudge: Intervention = { kind: 'nudge', rule: 'cycle', detail: '' }
  const collapsed: Intervention = { kind: 'replays-collapsed', detail: '' }
  const [, line = ''] = formatSummary([run([collapsed], [collapsed], [], [nudge, collapsed], [nudge])]).split('\n')
  expect(line.split(/ {2,}/)).toEqual(['run', '–', '5', 'cycle: nudge in 4–5', 'replays-collapsed in 1–2 4'])
})

test('a run that nothing was done about says so', () => {
  expect(formatSummary([run([])])).toMatch(/^run +– +1 +– +–$/m)
})
