import { hash } from 'node:crypto'

import type { Flow, FlowSource } from '../../src/core/flow.ts'
import { chooseFiles } from '../../src/memory/recall/choose-files.ts'
import { composeContext } from '../../src/memory/recall/compose-context.ts'
import { questionWords } from '../../src/memory/recall/question-words.ts'
import type { Store } from '../../src/store/open-store.ts'

/**
 * The block that a request was given back of its conversation, made again from its lineage and what is kept: of each source
 * that the model was shown the very version, in the order and with the budget of then.
 *
 * @throws when something of it is not there any more, or told otherwise
 */
export async function rebuiltContext(flow: Flow, { recall, summaries }: Store): Promise<string> {
  const retrieve = flow.steps.find(({ type }) => type === 'retrieve')
  const reply = flow.steps.find(({ type }) => type === 'persist')?.ref ?? ''
  const path = await recall.path({ scope: flow, reply, words: [] })
  const shown = flow.sources.filter(({ isInjected }) => isInjected).toSorted((one, other) => one.rank - other.rank)
  const ofKind = (kind: FlowSource['kind']) => shown.filter((source) => source.kind === kind)

  const said = new Map(
    (
      await recall.rounds(
        flow,
        path.map((round) => round.reply),
      )
    ).map((one) => [one.reply, one]),
  )
  const rounds = (reason: string) =>
    ofKind('round')
      .filter((source) => source.reason === reason)
      .map(({ ref }) => {
        const place = path.find((round) => round.reply === ref)
        return { ...found(said.get(ref), ref), distance: found(place, ref).distance }
      })

  const [asked] = await recall.rounds(flow, [reply])
  const read = await recall.files(
    flow,
    path.flatMap(({ filesOf }) => filesOf),
    { most: 12, charactersMax: 32_000 },
  )
  const parts = chooseFiles(read, questionWords(found(asked, reply).userText))
  const files = ofKind('file').map(({ ref, digest }) =>
    found(
      parts.find(({ uri, content }) => sha256(uri).startsWith(ref) && sha256(content) === digest),
      ref,
    ),
  )

  const kept = await summaries.kept(path.map((round) => round.reply))
  const told = ofKind('summary').map(({ ref, digest }) =>
    found(
      kept.find(({ text }) => sha256(text) === digest),
      ref,
    ),
  )

  const recalled = { window: rounds('window'), retrieved: rounds('fits'), files, summaries: told }
  return composeContext(recalled, { budget: Number(retrieve?.facts?.['budget']) })?.text ?? ''
}

function found<Value>(value: Value | undefined, ref: string): Value {
  if (value === undefined) throw new Error(`${ref} is not kept as it was shown`)
  return value
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}
