import { backendKinds } from '../../../backends/backend-kinds.ts'
import { CliError } from '../../../cli/cli-error.ts'
import { explainStart } from '../../../cli/explain-start.ts'
import { openConfig } from '../../../config/open-config.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import { readTranscripts } from '../../../dialects/transcript/read-transcripts.ts'
import type { Transcript } from '../../../dialects/transcript/transcript.ts'

/** @throws CliError `transcript_unreadable` */
export function transcriptsOf(text: string, file: string): Transcript[] {
  try {
    const transcripts = readTranscripts(text, file)
    if (transcripts.length > 0) return transcripts
    throw new SyntaxError(`${file}: expected a transcript; it is empty`)
  } catch (cause) {
    throw new CliError(cause instanceof Error ? cause.message : String(cause), {
      code: 'transcript_unreadable',
      exitCode: 2,
      nextSteps: ['docs/agents.md shows what a transcript looks like.'],
      cause,
    })
  }
}

/** @throws CliError when the configuration has a mistake */
export async function toolcallsConfig(file: string | undefined): Promise<ToolcallsConfig> {
  try {
    return (await openConfig({ flag: file, backendKinds })).config.toolcalls
  } catch (error) {
    throw explainStart(error, {})
  }
}
