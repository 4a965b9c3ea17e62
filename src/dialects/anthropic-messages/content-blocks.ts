import { mintNoticeSignature, mintSignature } from './thinking-signature.ts'
import { writeEvent } from './write-event.ts'

export type BlockType = 'thinking' | 'text' | 'tool_use'

interface OpenBlock {
  readonly type: BlockType
  /** Looks like a thought and is llmr's own word. */
  readonly isNotice: boolean
  hasDelta: boolean
  signature?: string
}

/** The blocks of one streamed message: numbered without gaps, one open at a time, each closed as its kind asks for. */
export class ContentBlocks {
  readonly #requestId: string
  /** Of the open block, or of the last one. */
  #index = -1
  #open: OpenBlock | undefined

  constructor(requestId: string) {
    this.#requestId = requestId
  }

  get openType(): BlockType | undefined {
    return this.#open?.type
  }

  /** Something other than a sign of life was said in the open block. */
  get hasDelta(): boolean {
    return this.#open?.hasDelta ?? false
  }

  /** From here on a block of this type is open, the one before if it was. */
  enter(type: 'thinking' | 'text'): string {
    const isEntered = this.#open?.type === type && !this.#open.isNotice
    return isEntered ? '' : this.#begin({ type, isNotice: false }, emptyBlocks[type])
  }

  /** A block in which llmr itself says something before the reply; it is shown as a thought and is none. */
  enterNotice(): string {
    return this.#open?.isNotice === true ? '' : this.#begin({ type: 'thinking', isNotice: true }, emptyBlocks.thinking)
  }

  enterCall(call: { readonly id: string; readonly name: string }): string {
    return this.#begin(
      { type: 'tool_use', isNotice: false },
      { type: 'tool_use', id: call.id, name: call.name, input: {} },
    )
  }

  /** Empty text is a sign of life. Nothing is said while no block is open. */
  delta(text: string): string {
    const block = this.#open
    if (block === undefined) return ''
    if (text !== '') block.hasDelta = true
    const [type, field] = deltaWords[block.type]
    // One of these goes out for each token: only what can vary is written as JSON.
    return (
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},` +
      `"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}\n\n`
    )
  }

  /** Kept for the end of the open block. */
  sign(signature: string): void {
    if (this.#open !== undefined) this.#open.signature = signature
  }

  close(): string {
    if (this.#open === undefined) return ''
    const last = this.#lastDelta(this.#open)
    this.#open = undefined
    return last + writeEvent('content_block_stop', { index: this.#index })
  }

  #begin(open: Pick<OpenBlock, 'type' | 'isNotice'>, block: object): string {
    const closed = this.close()
    this.#open = { ...open, hasDelta: false }
    this.#index++
    return closed + writeEvent('content_block_start', { index: this.#index, content_block: block })
  }

  /** A thought ends with its signature; a call without arguments says so, since not every reader takes nothing for `{}`. */
  #lastDelta({ type, isNotice, hasDelta, signature }: OpenBlock): string {
    if (type === 'thinking') {
      const mint = isNotice ? mintNoticeSignature : mintSignature
      const signed = signature ?? mint(this.#requestId, this.#index)
      const delta = { type: 'signature_delta', signature: signed }
      return writeEvent('content_block_delta', { index: this.#index, delta })
    }
    return type === 'tool_use' && !hasDelta ? this.delta('{}') : ''
  }
}

const emptyBlocks = {
  thinking: { type: 'thinking', thinking: '', signature: '' },
  text: { type: 'text', text: '' },
} as const

const deltaWords = {
  thinking: ['thinking_delta', 'thinking'],
  text: ['text_delta', 'text'],
  tool_use: ['input_json_delta', 'partial_json'],
} as const
