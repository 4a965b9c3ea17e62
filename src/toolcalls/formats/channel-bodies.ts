import type { ChannelBody, ReplyFormat } from './reply-format.ts'

/** The last channel counts, and the last recipient: models change their mind within a header. */
export function harmonyBody(header: string): ChannelBody {
  const channel = lastMatch(header, /<\|channel\|>\s*(\w+)/g)
  const recipient = lastMatch(header, /\bto=([^\s<]+)/g)
  const isPerson = recipient === undefined || recipient === 'assistant' || recipient === 'user' || recipient === 'all'
  if (isPerson) return { kind: channel === 'analysis' ? 'reasoning' : 'text' }
  const name = recipient.replace(/^functions\./, '')
  return { kind: 'arguments', name, isOnlyOffered: name === recipient }
}

export function inklingBody(_header: string, headerEnd: string): ChannelBody {
  if (headerEnd.includes('thinking')) return { kind: 'reasoning' }
  return { kind: headerEnd.includes('tool') ? 'call' : 'text' }
}

export function glimmerBody(header: string, format: ReplyFormat | undefined): ChannelBody {
  const recipient = lastMatch(header, /\bto=([^\s<]+)/g)
  if (recipient === undefined || recipient === 'user') return { kind: 'text' }
  if (recipient === 'self') return { kind: 'reasoning' }
  return format === undefined ? { kind: 'nothing' } : { kind: 'calls', format }
}

function lastMatch(text: string, pattern: RegExp): string | undefined {
  return Array.from(text.matchAll(pattern)).at(-1)?.[1]
}
