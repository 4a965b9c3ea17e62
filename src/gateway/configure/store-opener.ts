import type { Config } from '../../config/schema.ts'
import { systemClock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { Store } from '../../store/open-store.ts'
import { storeSettings } from './store-settings.ts'

/**
 * Opens the store that is configured. Its drivers are loaded, and what is wrong with its settings is told, by whoever opens
 * it first: most gateways never do. Rejects with StoreError.
 */
export function storeOpener(
  { config, dataDirectory }: { readonly config: Config; readonly dataDirectory: string },
  { version, logger }: { readonly version: string; readonly logger: Logger },
): () => Promise<Store> {
  return async () => {
    const { location, migrates } = storeSettings(config.store, { env: process.env, dataDirectory })
    const { openStore } = await import('../../store/open-store.ts')
    const { keep: settledMs, keep_undone: undoneMs, keep_dead_letters: deadLettersMs } = config.events
    const busKeeping = { settledMs, undoneMs, deadLettersMs }
    return openStore({ busKeeping, location, migrates, llmrVersion: version, clock: systemClock, logger })
  }
}
