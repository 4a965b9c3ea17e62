/** When something began, and how long it has taken: for lineage, which has the wall's clock for the one and its own for the other. */
export function startStopwatch(): () => { readonly startedAtMs: number; readonly durationUs: number } {
  const startedAtMs = Date.now()
  const began = performance.now()
  return () => ({ startedAtMs, durationUs: (performance.now() - began) * 1_000 })
}
