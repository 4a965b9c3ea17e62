import type { MediaSource } from './message.ts'

/** What a URL points at: the data itself, where it is a data URL in base64. */
export function mediaSourceOf(url: string): MediaSource {
  if (!url.startsWith('data:')) return { kind: 'url', url }
  const comma = url.indexOf(',')
  const [mediaType = '', ...flags] = url.slice('data:'.length, comma).split(';')
  if (comma === -1 || !flags.includes('base64')) return { kind: 'url', url }
  return { kind: 'base64', mediaType: mediaType || 'application/octet-stream', data: url.slice(comma + 1) }
}
