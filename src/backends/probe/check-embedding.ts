import type { Connection } from '../connection.ts'
import { type Deadline, openApi } from '../describe-backend.ts'
import { listAt } from '../../core/foreign-json.ts'
import { openaiPaths } from '../openai-paths.ts'
import { checkFailure } from './check-failure.ts'
import type { ProbeCheck } from './probe-report.ts'

/** A real embedding: how long its vectors are, and whether there are numbers in them. */
export async function checkEmbedding(connection: Connection, model: string, deadline: Deadline): Promise<ProbeCheck> {
  const check = { step: 'embedding', model } as const
  try {
    const input = ['The harbour counted three ships.', 'Interest rates rose.']
    const reply = await openApi(connection, deadline).post(openaiPaths.embedding, { model, input })
    const vectors = input.map((_, index) => listAt(reply, 'data', index, 'embedding'))
    return { ...check, ...judge(vectors) }
  } catch (error) {
    return checkFailure(error, check)
  }
}

function judge(vectors: readonly (readonly unknown[])[]): Pick<ProbeCheck, 'outcome' | 'detail' | 'measured'> {
  const [first = [], second = []] = vectors
  const measured = { dimensions: first.length }
  if (first.length === 0 || first.length !== second.length) {
    const detail = `Two texts were sent, and vectors of ${first.length} and ${second.length} numbers came back.`
    return { outcome: 'failed', detail }
  }
  // JSON has no NaN: an engine whose arithmetic went wrong writes null, or zeros throughout.
  const isSound = vectors.every((vector) => vector.every(Number.isFinite) && vector.some((value) => value !== 0))
  if (!isSound) {
    const detail = 'The vectors hold no usable numbers: the model is broken, or made for something else.'
    return { outcome: 'failed', detail, measured }
  }
  if (first.every((value, index) => value === second[index])) {
    return { outcome: 'failed', detail: 'Two different texts have the same vector.', measured }
  }
  return { outcome: 'passed', detail: `${first.length} dimensions`, measured }
}
