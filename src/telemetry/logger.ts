import { isatty } from 'node:tty'

import { pino } from 'pino'
import type { Logger as PinoLogger } from 'pino'

import type { Logger } from '../core/logger.ts'
import { cleanFields } from './clean-fields.ts'
import { isoTime } from './iso-time.ts'
import { openLineSink } from './line-sink.ts'
import { LineTail } from './line-tail.ts'
import type { LineSink } from './line-sink.ts'
import { formatPrettyLine } from './pretty-line.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LoggerOptions {
  /** Least severe level written. */
  readonly level: LogLevel
  /** Lines are appended there instead of to stdout. */
  readonly file?: string
  /** `auto`: pretty when stdout is a terminal, JSON elsewhere and always in a file. */
  readonly format?: 'auto' | 'json' | 'pretty'
  /** Takes each line at once, instead of file and stdout. */
  readonly stream?: { write(line: string): unknown }
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** The process's own logger, with a life. The parts see it as a `Logger`. */
export interface ServiceLogger extends Logger, LineWriter {
  /** The last lines, whoever wrote them. */
  readonly tail: LineTail
  /** Opens the log file anew under its name: call it after a log rotation renamed it. */
  reopen(): void
  /** Resolves when everything is written, after five seconds at most. May be called twice. */
  close(): Promise<void>
}

/** Where lines go that were made elsewhere. They pass no filter. */
export interface LineWriter {
  isEnabled(level: LogLevel): boolean
  /** @param line a JSON object of one line, line break included. */
  writeLine(line: string): void
}

/**
 * JSON lines with `level`, `time` (ISO, UTC), the fields given and `msg`. Prompts, replies and credentials are replaced
 * by `[redacted]` wherever they stand in the fields; errors are written as type, message, code, stack and cause.
 *
 * Lines are collected for up to 100 ms (pretty: none) and written in the background; a killed process (SIGKILL) loses those.
 *
 * @throws LlmrError when the file cannot be opened.
 */
export function createLogger(options: LoggerOptions): ServiceLogger {
  const sink = openSink(options)
  const format = lineFormat(options)
  const tail = new LineTail()
  const writeLine = (line: string): void => {
    tail.push(line)
    sink.write(format(line))
  }
  const logger = pino(
    {
      level: options.level,
      base: undefined,
      timestamp: () => `,"time":"${isoTime(Date.now())}"`,
      formatters: { level: (level) => ({ level }), log: cleanFields },
      serializers: { err: (err: unknown) => err },
    },
    { write: writeLine },
  )
  return {
    ...wrap(logger),
    isEnabled: (level) => logger.isLevelEnabled(level),
    writeLine,
    tail,
    reopen: () => sink.reopen(),
    close: () => sink.close(),
  }
}

/** pino's own methods depend on `this`, and it does not filter the fields of a child. */
function wrap(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(cleanFields(fields))),
  }
}

// Not `process.stdout.fd`: merely touching that stream makes a pipe non-blocking.
const stdout = 1
const flushAfterMs = 100

function openSink(options: LoggerOptions): LineSink {
  const { stream } = options
  if (stream !== undefined) {
    return { write: (line) => void stream.write(line), reopen: () => undefined, close: () => Promise.resolve() }
  }
  return openLineSink({
    target: options.file ?? stdout,
    flushAfterMs: isPretty(options) ? 0 : flushAfterMs,
    onTrouble: (message) => process.stderr.write(`${message}\n`),
  })
}

function lineFormat(options: LoggerOptions): (line: string) => string {
  if (!isPretty(options)) return (line) => line
  const environment = options.environment ?? process.env
  const hasColor =
    options.stream === undefined && options.file === undefined && isatty(stdout) && !environment['NO_COLOR']
  return (line) => formatPrettyLine(line, { hasColor })
}

function isPretty({ format = 'auto', file, stream }: LoggerOptions): boolean {
  if (format !== 'auto') return format === 'pretty'
  return file === undefined && stream === undefined && isatty(stdout)
}
