import type { Script, SimulatedEngineOptions } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import type { closeAfterEach } from '../resources.ts'
import { startTestGateway } from '../start-gateway.ts'
import { isOfChat, sentChats } from './prompt-messages.ts'

/** A gateway before an engine that says the next of these at each chat; what is asked beyond them shows in the reply. */
export async function startScriptedChat(
  keep: ReturnType<typeof closeAfterEach>,
  replies: readonly Script[],
  options: {
    readonly toolcalls?: string
    readonly kind?: string
    readonly engine?: SimulatedEngineOptions
    readonly backends?: string
  } = {},
) {
  const left = [...replies]
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      ...options.engine,
      script: ({ path }) => (isOfChat(path) ? (left.shift() ?? { content: 'asked too often' }) : undefined),
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: ${options.kind ?? 'llama.cpp'}, max_concurrent: 1 }, ${options.backends ?? ''} }
      toolcalls: ${options.toolcalls ?? '{}'}
    `),
  )
  const post = (body: object, init: RequestInit = {}, path = '/v1/chat/completions') =>
    fetch(gateway.url + path, { method: 'POST', body: JSON.stringify({ model: 'm', ...body }), ...init })
  const received = () => sentChats(engine.requests)
  return { engine, gateway, post, received }
}
