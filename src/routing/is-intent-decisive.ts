import { chooseName } from './choose-name.ts'
import type { RouteInput } from './route-input.ts'
import type { Intent } from './intent.ts'
import { pickModel } from './pick-model.ts'
import { zoneMaxFor } from './route-to.ts'

/**
 * Whether the intent model's answer could change where a request goes: if not, nobody should wait for it.
 *
 * @throws LlmrError when no model can be named, as `decideRoute` will
 */
export function isIntentDecisive(input: RouteInput): boolean {
  const { classification, outline } = input.request
  if (classification.kind !== 'user' || !outline || outline.lastUserText.trim() === '') return false
  const { model } = chooseName(input)
  if (model.pick?.coding === undefined) return false

  const pickFor = (intent: Intent): string | undefined =>
    pickModel(model, { ...input, intent, zoneMax: zoneMaxFor(model, input.mayLeave), rejections: [] })?.model.name
  return pickFor('coding') !== pickFor('general')
}
