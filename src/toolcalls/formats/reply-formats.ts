import { channelFormats } from './channel-formats.ts'
import { expressionFormats } from './expression-formats.ts'
import { namedJsonFormats } from './named-json-formats.ts'
import type { ReplyFormat } from './reply-format.ts'
import { taggedFormats } from './tagged-formats.ts'
import { wrappedJsonFormats } from './wrapped-json-formats.ts'

/**
 * The formats that model families write. A new family is a row, and vectors in test/fixtures/toolcalls; one that is not
 * here gets its row from its template.
 */
export const replyFormats: readonly ReplyFormat[] = [
  ...wrappedJsonFormats,
  ...namedJsonFormats,
  ...taggedFormats,
  ...expressionFormats,
  ...channelFormats,
]

/** The row of this id; the generic one when there is none. */
export function replyFormat(id: string): ReplyFormat {
  return byId.get(id) ?? generic
}

const byId = new Map(replyFormats.map((format) => [format.id, format]))
const generic: ReplyFormat = byId.get('generic') ?? { id: 'generic', calls: [] }
