import type { ConnectionLimits } from '../../src/backends/connection.ts'
import type { BackendSettings } from '../../src/core/backend.ts'

/** A backend as an operator would describe it who sets nothing but its address. */
export function backendSettings(settings: Partial<BackendSettings> & { readonly url: string }): BackendSettings {
  return { name: 'engine', kind: 'auto', trust: 'local', headers: {}, weight: 1, isPaid: false, ...settings }
}

/** Longer than any test takes, so that only a test about time-outs meets one. */
export const patientLimits: ConnectionLimits = {
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
}
