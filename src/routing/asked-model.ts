import type { ResolvedModel } from './resolved-model.ts'

export interface AskedModel {
  /** As it was asked for. */
  readonly name: string
  readonly model: ResolvedModel
  readonly reason: string
}
