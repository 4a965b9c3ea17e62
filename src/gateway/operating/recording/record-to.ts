import type { AdminAccess } from '../../../cli/admin-client.ts'
import { followRecording, type RecordedRun } from './follow-recording.ts'
import { openLineSink } from './line-sink.ts'
import { redactor, type RedactionSettings } from './redactor.ts'

export interface RecordToOptions {
  readonly access: AdminAccess
  readonly query: URLSearchParams
  /** Absent: stdout. */
  readonly out: string | undefined
  readonly redaction: RedactionSettings
  /** Ends it in good order. */
  readonly signal: AbortSignal
}

/**
 * A recording from a running gateway into a file or a pipe.
 *
 * @throws CliError when the gateway cannot be reached or refuses, or the file cannot be written
 */
export async function recordTo({ access, query, out, redaction, signal }: RecordToOptions): Promise<RecordedRun> {
  const gone = new AbortController()
  const sink = await openLineSink(out, () => gone.abort())
  try {
    return await followRecording({
      access,
      query,
      write: (line) => sink.write(line),
      redact: redactor(redaction),
      signal: AbortSignal.any([signal, gone.signal]),
    })
  } finally {
    await sink.close()
  }
}

/** The last words of a recording, for people. */
export function describeRecording({ requests, bytes, missed, end }: RecordedRun): string {
  const count = `${requests} ${requests === 1 ? 'request' : 'requests'}, ${Math.ceil(bytes / 1024)} KiB`
  const lost = missed === 0 ? '' : `, ${missed} left out (too long, or faster than they were taken)`
  return `Recorded ${count}${lost}: ${endings[end] ?? end}.`
}

const endings: Readonly<Record<string, string>> = {
  stopped: 'stopped',
  time: 'the time is over (--for)',
  size: 'it is as large as it may be (--size)',
  requests: 'there are as many as were asked for (--requests)',
  closing: 'the gateway has shut down',
  lost: 'the gateway is gone',
}
