import { mayUseModel } from '../../http/auth/authorize.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ListedModel } from '../../routing/list-models.ts'
import type { Router } from '../request/router.ts'

/** What there is for whoever asks: the listed models that the key may use. */
export function usableModels({ principal }: Exchange, { catalogue }: Router): readonly ListedModel[] {
  const models = catalogue.list()
  return principal?.mayUseModel === undefined ? models : models.filter(({ id }) => mayUseModel(principal, id))
}
