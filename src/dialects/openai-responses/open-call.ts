import { CustomInput } from './custom-input.ts'
import type { NumberedEvents } from './numbered-events.ts'
import type { ItemPlace, OpenItem } from './open-item.ts'
import type { ClientTool } from './tool-names.ts'
import { argumentsOf, callItem, type ItemStatus } from './write-item.ts'

/** A call of a function, or of a tool that takes plain text. */
export class OpenCall implements OpenItem {
  readonly #events: NumberedEvents
  readonly #place: ItemPlace
  readonly #callId: string
  readonly #tool: ClientTool
  readonly #input: CustomInput | undefined
  #argumentsText = ''
  #status: ItemStatus = 'in_progress'

  constructor(
    events: NumberedEvents,
    place: ItemPlace,
    { callId, tool }: { readonly callId: string; readonly tool: ClientTool },
  ) {
    this.#events = events
    this.#place = place
    this.#callId = callId
    this.#tool = tool
    this.#input = tool.kind === 'custom' ? new CustomInput() : undefined
  }

  get written(): object {
    const call = { type: 'tool-call', id: this.#callId, name: '', argumentsText: this.#argumentsText } as const
    return callItem({ id: this.#place.id, status: this.#status }, call, this.#tool)
  }

  open(): string {
    const nothing = this.#input === undefined ? { arguments: '' } : { input: '' }
    const item = { ...this.written, ...nothing }
    return this.#events.write('response.output_item.added', { output_index: this.#place.outputIndex, item })
  }

  addArguments(text: string): string {
    this.#argumentsText += text
    return this.#delta(this.#input === undefined ? text : this.#input.push(text))
  }

  close(status: 'completed' | 'incomplete'): string {
    const last = this.#input?.end() ?? (this.#argumentsText === '' ? argumentsOf('') : '')
    const said = this.#delta(last)
    this.#status = status
    const { written } = this
    const where = { item_id: this.#place.id, output_index: this.#place.outputIndex }
    const done =
      'input' in written
        ? this.#events.write('response.custom_tool_call_input.done', { ...where, input: written.input })
        : this.#events.write('response.function_call_arguments.done', {
            ...where,
            name: this.#tool.name,
            arguments: argumentsOf(this.#argumentsText),
          })
    const item = { output_index: this.#place.outputIndex, item: written }
    return said + done + this.#events.write('response.output_item.done', item)
  }

  #delta(text: string): string {
    if (text === '') return ''
    const kind = this.#input === undefined ? 'function_call_arguments' : 'custom_tool_call_input'
    const where = `"item_id":"${this.#place.id}","output_index":${this.#place.outputIndex}`
    return this.#events.writeDelta(`response.${kind}.delta`, where, text)
  }
}
