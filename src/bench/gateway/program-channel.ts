/**
 * Calls between the bench and its programs, over the channel that Node opens between parent and child. Both ends are
 * this code, so answers are taken at their word.
 */
export interface Call {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

export type Answer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string }

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>

/** Answers the parent's calls, and ends this process when the parent is gone, however it went. */
export function answerCalls(handlers: Handlers): void {
  process.on('message', (call: Call) => void answer(handlers, call))
  process.channel?.ref() // a listener before this one may have let go of it
  process.once('disconnect', () => process.exit())
}

async function answer(handlers: Handlers, { id, name, argument }: Call): Promise<void> {
  const handler = handlers[name]
  if (handler === undefined) return // another listener's
  try {
    send({ id, result: await handler(argument as never) })
  } catch (error) {
    send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

function send(answer: Answer): void {
  process.send?.(answer)
}
