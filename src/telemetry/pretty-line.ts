/**
 * A JSON log line for a person at a terminal: `12:30:01.250 WARN  message key=value`, times local. The line of a
 * finished request gets a shorter form of its own, errors their stack below. Text that is no JSON stays as it is.
 */
export function formatPrettyLine(line: string, { hasColor }: { readonly hasColor: boolean }): string {
  const fields = parseLine(line)
  if (fields === undefined) return line
  const { level, time, msg, err, ...rest } = fields
  const paint = hasColor ? paintWith : (_code: number, text: string) => text
  const head = `${paint(dim, clock(time))} ${paint(levelColor(level), levelName(level))}`
  const text = msg === 'request' ? requestText(rest) : `${show(msg)}${pairs(rest, paint)}`
  return `${head} ${text}${errorText(err, paint)}\n`
}

const dim = 2
const red = 31
const yellow = 33
const cyan = 36

type Fields = Readonly<Record<string, unknown>>
type Paint = (code: number, text: string) => string

function paintWith(code: number, text: string): string {
  return `\u001B[${code}m${text}\u001B[0m`
}

function parseLine(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function clock(time: unknown): string {
  const date = new Date(typeof time === 'string' ? time : Number.NaN)
  if (Number.isNaN(date.getTime())) return '--:--:--.---'
  const two = (value: number): string => String(value).padStart(2, '0')
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`
}

function levelColor(level: unknown): number {
  if (level === 'error' || level === 'fatal') return red
  return level === 'warn' ? yellow : level === 'info' ? cyan : dim
}

function levelName(level: unknown): string {
  return show(level).toUpperCase().padEnd(5)
}

/** `POST /v1/chat/completions 200 qwen3-8b@box 312 ms, first byte 80 ms, 120+45 tokens` */
function requestText(fields: Fields): string {
  const served = fields['model'] ?? fields['requested_model']
  const where = served === undefined ? '' : ` ${show(served)}${suffix('@', fields['backend'])}`
  return [
    `${show(fields['method'])} ${show(fields['path'])} ${show(fields['status'])}${suffix(' ', fields['error_code'])}${where} ${show(fields['duration_ms'])} ms`,
    fields['time_to_first_byte_ms'] === undefined ? '' : `first byte ${show(fields['time_to_first_byte_ms'])} ms`,
    fields['completion_tokens'] === undefined
      ? ''
      : `${show(fields['prompt_tokens'] ?? 0)}+${show(fields['completion_tokens'])} tokens`,
    fields['background_task'] === undefined ? '' : show(fields['background_task']),
    fields['client_gone'] === true ? 'client left' : '',
    Array.isArray(fields['hops']) ? `after ${fields['hops'].length} failed` : '',
    fields['correlation_id'] === undefined ? '' : show(fields['correlation_id']),
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function suffix(before: string, value: unknown): string {
  return value === undefined ? '' : `${before}${show(value)}`
}

function pairs(fields: Fields, paint: Paint): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${paint(dim, `${show(key)}=`)}${show(value)}`)
    .join('')
}

function errorText(err: unknown, paint: Paint): string {
  if (typeof err !== 'object' || err === null) return ''
  const { type, message, stack, cause }: Fields = { ...err }
  const below = typeof stack === 'string' ? `\n    ${paint(dim, stack.split('\n').map(show).join('\n'))}` : ''
  return `\n  ${paint(red, `${show(type ?? 'Error')}: ${show(message)}`)}${below}${errorText(cause, paint)}`
}

/**
 * Text bare, structure as JSON. Control characters never reach the terminal, line breaks included, which could pass for
 * another line; JSON itself lets half of them through.
 */
function show(value: unknown): string {
  if (value === undefined) return '-'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.replaceAll(control, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

const control = /\p{Cc}/gu
