/**
 * What every part logs through; `telemetry` makes the real one. Fields are facts with stable names in snake case,
 * never a prompt, a reply or a secret; the message is a constant sentence, so that lines can be counted.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Logger
}

export type LogFields = Readonly<Record<string, unknown>>

/** For parts that are used alone, in tests and in one-shot commands. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}
