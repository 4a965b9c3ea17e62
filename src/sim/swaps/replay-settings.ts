import { decodeTokensPerMs, loadMs } from './replay-host.ts'
import type { ReplayHost, ReplayModel } from './replay-host.ts'

/** What a scheduler is told of the host and its models before a replay: all files are on disk, nothing is measured yet. */
export function replaySettings(models: readonly ReplayModel[], host: ReplayHost) {
  return {
    pools: { vram: host.vramBytes },
    models: models.map((model) => ({
      name: model.name,
      sizeBytes: { vram: model.sizeBytes },
      slots: model.slots,
      weight: 1,
      isPinned: false,
      minimumResidencyMs: 0,
      expected: {
        loadMs: loadMs(host, model.sizeBytes, 0),
        stopMs: host.stopMs,
        serviceMs: guessedTokens / decodeTokensPerMs(host, model),
      },
    })),
    // A replay asks how long everyone would wait, so nobody is turned away at the door.
    queuedPerModelMax: Infinity,
    queuedMax: Infinity,
  }
}

/** Length of a reply until some have been seen. */
const guessedTokens = 200
