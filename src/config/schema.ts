import { z } from 'zod'

import { profileName, profileSchema } from './profile-schema.ts'
import { marks } from './schema-marks.ts'
import { auth } from './sections/auth.ts'
import { backend } from './sections/backend.ts'
import { dialects } from './sections/dialects.ts'
import { events } from './sections/events.ts'
import { listen } from './sections/listen.ts'
import { memory } from './sections/memory.ts'
import { model } from './sections/model.ts'
import { resilience } from './sections/resilience.ts'
import { routing } from './sections/routing.ts'
import { scheduling } from './sections/scheduling.ts'
import { store } from './sections/store.ts'
import { telemetry } from './sections/telemetry.ts'
import { toolcalls } from './sections/toolcalls.ts'
import { name } from './sections/values.ts'

// A file is checked once: code made for the check takes longer than the check.
z.config({ jitless: true })

/**
 * The one description of llmr.yaml: types, validation, `llmr config schema` and docs/configuration.md all come from it.
 * Objects are strict, so a key that nobody reads is an error and never silently ignored. Every key has a description,
 * which the reference page prints. One file a section, in sections/.
 *
 * @param backendKinds the kinds that `backends/` has adapters for; this folder knows no engine by name.
 */
export function configSchema(backendKinds: readonly string[]) {
  return z.strictObject({
    listen: listen.prefault({}),
    auth: auth.prefault({}),
    backends: z
      .record(name, backend(backendKinds))
      .prefault({})
      .describe(
        'Inference servers by a name of your choice. Empty: the usual ports of this machine are looked at, and if nothing answers, the simulated engine is started.',
      ),
    models: z
      .record(z.string().min(1), model)
      .prefault({})
      .describe(
        'The catalogue: names that clients may ask for. Keys may hold * and ?; an exact name wins over a pattern, the longer pattern over the shorter. Models that backends report need no entry.',
      ),
    profiles: z
      .record(profileName, profileSchema)
      .register(marks, { mark: 'template' })
      .prefault({})
      .describe(
        'How to launch models on this machine, by the name clients ask for. More may stand in profiles/*.yaml beside this file, and shipped ones can be extended: see profiles.md.',
      ),
    scheduling: scheduling.prefault({}),
    routing: routing.prefault({}),
    resilience: resilience.prefault({}),
    dialects: dialects.prefault({}),
    toolcalls: toolcalls.prefault({}),
    memory: memory.prefault({}),
    store: store.prefault({}),
    events: events.prefault({}),
    telemetry: telemetry.prefault({}),
  })
}

export type Config = z.output<ReturnType<typeof configSchema>>
export type AuthConfig = Config['auth']
export type KeyConfig = AuthConfig['keys'][number]
export type BackendConfig = Config['backends'][string]
export type ModelConfig = Config['models'][string]
export type { ProfileConfig } from './profile-schema.ts'
export type ToolcallsConfig = Config['toolcalls']
export type StoreConfig = Config['store']
