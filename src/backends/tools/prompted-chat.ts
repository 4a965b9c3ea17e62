import type { CallConstraint } from '../../core/call-constraint.ts'

export interface PromptOptions {
  readonly prompt: string
  /** Markers that must come out as text, where they are tokens of their own. */
  readonly markers: readonly string[]
  readonly constraint?: CallConstraint
}

/** Questions to one engine, under one deadline. */
export interface Asking {
  post(path: string, json: unknown): Promise<unknown>
}

/** A chat sent as the text that it becomes, so that the engine neither looks for calls nor fails at them. */
export interface PromptedChat {
  /** Where a prompt is sent. */
  readonly path: string
  /**
   * The prompt that the engine makes of a chat. Brings the model into memory like any request does.
   *
   * @param body of the chat in OpenAI's shape
   * @throws BackendFailure when the template fails at it
   */
  render(api: Asking, body: Readonly<Record<string, unknown>>): Promise<string | undefined>
  /** The body with which the prompt is sent, everything that is no business of the template's taken from the chat's. */
  write(body: Readonly<Record<string, unknown>>, options: PromptOptions): Record<string, unknown>
}
