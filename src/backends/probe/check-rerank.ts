import type { Connection } from '../connection.ts'
import { type Deadline, openApi } from '../describe-backend.ts'
import { listAt, numberAt } from '../../core/foreign-json.ts'
import { openaiPaths } from '../openai-paths.ts'
import { checkFailure } from './check-failure.ts'
import type { ProbeCheck } from './probe-report.ts'

const query = 'Which animal barks?'
const relevant = 'A dog barks at strangers.'
const unrelated = 'Interest rates rose by a quarter point.'

/** Two documents of which one has the answer: a reranker that puts it second is of no use. */
export async function checkRerank(connection: Connection, model: string, deadline: Deadline): Promise<ProbeCheck> {
  const check = { step: 'rerank', model } as const
  try {
    const request = { model, query, documents: [unrelated, relevant], top_n: 2 }
    const reply = await openApi(connection, deadline).post(openaiPaths.rerank, request)
    return { ...check, ...judge({ unrelated: scoreOf(reply, 0), relevant: scoreOf(reply, 1) }) }
  } catch (error) {
    return checkFailure(error, check)
  }
}

/** Results come sorted by score, with the document's place in the request. */
function scoreOf(reply: unknown, index: number): number | undefined {
  const results = [...listAt(reply, 'results'), ...listAt(reply, 'data')]
  const result = results.find((entry) => numberAt(entry, 'index') === index)
  return numberAt(result, 'relevance_score') ?? numberAt(result, 'score')
}

interface Scores {
  readonly relevant: number | undefined
  readonly unrelated: number | undefined
}

function judge({ relevant: high, unrelated: low }: Scores): Pick<ProbeCheck, 'outcome' | 'detail' | 'measured'> {
  if (high === undefined || low === undefined) {
    return { outcome: 'failed', detail: 'Two documents were sent, and no score came back for one of them.' }
  }
  const measured = { relevantScore: high, unrelatedScore: low }
  if (high > low) return { outcome: 'passed', detail: 'puts the document with the answer first', measured }
  const detail =
    'The document with the answer scores no higher than one without: this is no reranker, or its weights are broken.'
  return { outcome: 'failed', detail, measured }
}
