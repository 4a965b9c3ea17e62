import type { Message } from '../../../src/core/chat/message.ts'
import { collapseReplays } from '../../../src/toolcalls/history/collapse-replays.ts'
import { repairHistory } from '../../../src/toolcalls/history/repair-history.ts'
import { detectToolLoop } from '../../../src/toolcalls/loop/detect-tool-loop.ts'
import { classicPreset, progressPreset } from '../../../src/toolcalls/loop/loop-options.ts'
import { readTranscripts, requestsOf, withReplays } from '../../support/toolcalls/transcripts.ts'

/** `node test/bench/toolcalls/loops.ts`: what each preset makes of the recorded runs, and what a long history costs. */
const transcripts = readTranscripts()
if (transcripts.length === 0) console.log('the corpus is not here: skipped')

for (const [name, options] of Object.entries({ classic: classicPreset, progress: progressPreset })) {
  console.log(`\n${name}: runs in which it acted, and how far it went`)
  for (const [group, runs] of Map.groupBy(transcripts, ({ set, label, pattern }) => `${set} ${label}: ${pattern}`)) {
    const actions = runs.map(({ messages }) => strictestAction(messages, options))
    const acted = actions.filter((action) => action !== undefined)
    const kinds = Map.groupBy(acted, (action) => action)
    const detail = Array.from(kinds, ([kind, list]) => `${kind} ${list.length}`).join(', ')
    console.log(`  ${group.padEnd(58)} ${String(acted.length).padStart(3)}/${runs.length}  ${detail}`)
  }
}

const replays = transcripts
  .filter(({ set, label }) => set === 'real' && label === 'ok')
  .map(({ messages }) => ({ messages, replayed: withReplays(messages, 15) }))
  .filter(({ messages, replayed }) => replayed.length > messages.length)
const collapsed = replays.filter(({ replayed }) => collapseReplays(replayed).collapsed === 15)
const taken = replays.filter(({ replayed }) => detectToolLoop(replayed)?.rule === 'same-call')
console.log(`\nreplays: ${collapsed.length}/${replays.length} collapsed, ${taken.length} taken for a loop`)

const long = longHistory(400)
const times = Array.from({ length: 21 }, () => {
  const start = performance.now()
  detectToolLoop(repairHistory(collapseReplays(long).messages).messages)
  return performance.now() - start
})
console.log(`${long.length} messages: replays, repair and guard ${median(times).toFixed(2)} ms`)

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
}

function strictestAction(messages: readonly Message[], options: typeof classicPreset): string | undefined {
  const actions = requestsOf(messages).map((request) => detectToolLoop(request, options)?.action)
  return (['final-answer', 'remove-tool', 'nudge'] as const).find((action) => actions.includes(action))
}

function longHistory(length: number): Message[] {
  const source = transcripts.flatMap(({ messages }) => messages.filter(({ role }) => role !== 'user'))
  const body = source.slice(0, length)
  const [first] = body.filter(({ role }) => role === 'assistant')
  return [{ role: 'user', parts: [{ type: 'text', text: 'go' }] }, ...(first === undefined ? [] : body)]
}
