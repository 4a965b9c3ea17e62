import { CliError } from '../../../cli/cli-error.ts'
import { duration, size } from '../../../config/units.ts'
import type { RedactionSettings } from './redactor.ts'

export interface RecordFlags {
  readonly model?: string
  readonly principal?: string
  readonly conversation?: string
  /** As people write them: `10m`, `64MiB`. */
  readonly for: string
  readonly size: string
  readonly requests?: number
}

/** What an operator typed as what the gateway is asked. @throws CliError `invalid_flag` */
export function recordingQuery({ model, principal, conversation, requests, ...bounds }: RecordFlags): URLSearchParams {
  const forMs = amount('--for', duration.safeParse(bounds.for))
  const bytes = amount('--size', size.safeParse(bounds.size))
  const query = new URLSearchParams({ for_ms: String(forMs), bytes: String(bytes) })
  const narrowing = { model, principal, conversation, requests }
  for (const [name, value] of Object.entries(narrowing)) if (value !== undefined) query.set(name, String(value))
  return query
}

/** What is taken out here, after the gateway has taken out what its own configuration says. @throws CliError `invalid_flag` */
export function ownRedaction(patterns: readonly string[]): RedactionSettings {
  return { keepsHomePaths: true, patterns: patterns.map(compiled) }
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'g')
  } catch (cause) {
    throw invalid('--redact', `expected a regular expression; got ${pattern}`, cause)
  }
}

function amount(
  flag: string,
  read: { success: true; data: number } | { success: false; error: { issues: readonly { message: string }[] } },
): number {
  if (read.success) return read.data
  throw invalid(flag, read.error.issues[0]?.message ?? 'it cannot be read')
}

function invalid(flag: string, what: string, cause?: unknown): CliError {
  return new CliError(`${flag}: ${what}.`, { code: 'invalid_flag', exitCode: 2, cause })
}
