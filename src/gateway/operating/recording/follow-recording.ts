import { type AdminAccess, followGateway } from '../../../cli/admin-client.ts'
import { numberAt, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { SseEvents } from '../../../core/sse-events.ts'

export interface FollowOptions {
  readonly access: AdminAccess
  /** What is asked for, in the words of `/llmr/v1/record`. */
  readonly query: URLSearchParams
  /** Takes one line of the transcript, and is waited for. */
  readonly write: (line: string) => Promise<void>
  readonly redact: (value: unknown) => unknown
  /** Ends it in good order. */
  readonly signal: AbortSignal
}

export interface RecordedRun {
  readonly requests: number
  readonly bytes: number
  /** Left out, since they were too long or came faster than they were taken. */
  readonly missed: number
  /** Why it ended: as the gateway says, `stopped` when the signal was given, `lost` when the gateway went away. */
  readonly end: string
}

/**
 * Writes what a gateway records as lines of a transcript, until either side ends it.
 *
 * @throws CliError when the gateway cannot be reached, or refuses
 */
export async function followRecording(options: FollowOptions): Promise<RecordedRun> {
  const { access, query, write, redact, signal } = options
  let run = { requests: 0, bytes: 0, missed: 0, end: 'lost' }
  const take = async (data: string): Promise<void> => {
    const event = parseForeignJson(data)
    const end = textAt(event, 'end')
    if (end !== undefined) {
      run = { ...run, end, missed: numberAt(event, 'missed') ?? 0 }
      return
    }
    const line = JSON.stringify(redact(event))
    await write(`${line}\n`)
    if (textAt(event, 'format') === undefined) {
      run = { ...run, requests: run.requests + 1, bytes: run.bytes + Buffer.byteLength(line) }
    }
  }
  try {
    const events = new SseEvents()
    for await (const chunk of await followGateway(access, `record?${query.toString()}`, signal)) {
      for (const data of events.push(Buffer.from(chunk))) await take(data)
    }
  } catch (error) {
    if (!signal.aborted) throw error
    run = { ...run, end: 'stopped' }
  }
  return run
}
