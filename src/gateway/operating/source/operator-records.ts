import type { Flow } from '../../../core/flow.ts'
import type { Forgotten, ForgetWish, FoundText, ShownConversation } from '../../../core/memory-record.ts'
import type { NextPage } from '../export/export-source.ts'

export interface SearchQuestion {
  readonly text: string
  readonly most: number
  readonly principal?: string
  readonly tenant?: string
}

/** What is kept, as operator commands see it, wherever it is. Everything rejects when the gateway or the store fails. */
export interface OperatorRecords {
  /** By the id of a conversation, its client's name for it, the id of a request in it, or a correlation id. */
  show(id: string, within: { readonly tenant?: string }): Promise<readonly ShownConversation[]>
  search(question: SearchQuestion): Promise<readonly FoundText[]>
  forget(wish: ForgetWish): Promise<Forgotten>
  /** Every request of that id or correlation id. */
  flows(id: string): Promise<readonly Flow[]>
  readonly exportPage: NextPage
}
