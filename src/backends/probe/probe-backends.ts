import type { BackendSettings } from '../../core/backend.ts'
import { probeBackend, type ProbeOptions } from './probe-backend.ts'
import type { ProbeReport } from './probe-report.ts'

/**
 * Probes several backends, in the order given. Those of one machine share its memory and its cores, so they are looked
 * at one after the other; machines at the same time.
 */
export async function probeBackends(
  targets: readonly BackendSettings[],
  options: ProbeOptions,
): Promise<readonly ProbeReport[]> {
  const machines = Map.groupBy(targets, ({ url }) => new URL(url).hostname)
  const reports = new Map<BackendSettings, ProbeReport>()
  await Promise.all(
    Array.from(machines.values(), async (backends) => {
      for (const backend of backends) reports.set(backend, await probeBackend(backend, options))
    }),
  )
  return targets.flatMap((target) => reports.get(target) ?? [])
}
