import type { MemoryReading } from './memory-probe.ts'

export interface MemoryUse {
  /** Before the engine was started. */
  readonly beforeLoad: MemoryReading
  /** When it had become ready. */
  readonly loaded: MemoryReading
  /** Right before it was stopped. */
  readonly beforeStop: MemoryReading
}

/** Drivers round, and screens and other programs come and go beside an engine. */
const slackBytes = 256 * 1024 * 1024

/**
 * Whether a pool has got back what a stopped engine had of it: its processes hold nothing, and as much more is free as
 * it had taken, by measure and not by anybody's estimate. Where nothing was measured there is nothing to wait for.
 */
export function isMemoryBack(use: MemoryUse, now: MemoryReading): boolean {
  if (now.heldBytes !== undefined && now.heldBytes > 0) return false
  const before = use.beforeStop.freeBytes
  if (before === undefined || now.freeBytes === undefined) return true
  return now.freeBytes >= before + takenBytes(use) - slackBytes
}

/** What the driver counts for its processes; else (in a container they have other numbers) what vanished as it loaded. */
function takenBytes({ beforeLoad, loaded, beforeStop }: MemoryUse): number {
  if (beforeStop.heldBytes !== undefined && beforeStop.heldBytes > 0) return beforeStop.heldBytes
  if (beforeLoad.freeBytes === undefined || loaded.freeBytes === undefined) return 0
  return Math.max(0, beforeLoad.freeBytes - loaded.freeBytes)
}
