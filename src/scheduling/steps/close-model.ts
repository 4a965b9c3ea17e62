import type { LeavingReason, ModelState } from '../state/model-state.ts'

/** No request is sent to it any more; it stops when the last one has ended. */
export function closeModel(
  model: ModelState,
  { because, leaving }: { readonly because: string; readonly leaving?: LeavingReason },
): void {
  // Whatever else is asked of one that is no longer configured, it must not come back.
  if (leaving !== undefined && model.leaving !== 'removed') model.leaving = leaving
  if (!model.isStaying) return
  model.phase = 'closing'
  model.closingBecause = because
  model.owed.clear()
}
