import { join } from 'node:path'

import type { StartState } from '../../../src/toolcalls/formats/reply-format.ts'
import { replyFormat } from '../../../src/toolcalls/formats/reply-formats.ts'
import type { ReplyParserOptions } from '../../../src/toolcalls/parse/machine-parts.ts'
import type { OfferedTool } from '../../../src/toolcalls/parse/tool-table.ts'
import { readRows } from './corpus.ts'

/** A reply as a model of that family writes it, and what is to be made of it. */
export interface ReplyFixture {
  readonly format: string
  readonly claim: string
  readonly input: string
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[]
  /** The arguments to the letter, where that is the claim. */
  readonly raw?: string
  readonly tools?: readonly OfferedTool[]
  readonly start?: StartState
}

export const replyFixtures = readRows<ReplyFixture>(join(import.meta.dirname, '../../fixtures/toolcalls/replies.jsonl'))

export function optionsOfFixture({ format, tools, start }: ReplyFixture): Omit<ReplyParserOptions, 'mintId'> {
  return { format: replyFormat(format), tools: tools ?? [], ...(start !== undefined && { start }) }
}
