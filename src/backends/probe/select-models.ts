import type { BackendSettings } from '../../core/backend.ts'
import { globMatcher, isGlob } from '../../core/glob.ts'
import type { ModelDescription } from '../../core/model.ts'

export interface ProbePermissions {
  /** Models that are not loaded may be loaded. */
  readonly mayLoad: boolean
  /** Requests that cost money may be made. */
  readonly mayPay: boolean
  /** Globs of the models to probe; all when absent. */
  readonly models?: readonly string[]
}

export interface SelectedModel {
  readonly model: ModelDescription
  /** Why it is not made to infer; absent when it is. */
  readonly skipped?: string
}

/** A look at every model of a large list would take hours. */
const probedMax = 8

/**
 * Which models are made to infer: only those that are loaded on machines of one's own, unless more is allowed. Models
 * that the operator's globs leave out do not appear at all.
 */
export function selectModels(
  models: readonly ModelDescription[],
  settings: BackendSettings,
  permissions: ProbePermissions,
): readonly SelectedModel[] {
  const isUsed = globMatcher(settings.models ?? ['*'])
  const isWanted = globMatcher(permissions.models ?? ['*'])
  let probed = 0
  return [...models, ...onlyNamed(models, settings)]
    .filter(({ id }) => isUsed(id) && isWanted(id))
    .map((model) => {
      const skipped = whySkipped(model, settings, permissions)
      if (skipped !== undefined) return { model, skipped }
      probed += 1
      return probed > probedMax ? { model, skipped: `more than ${probedMax} models; name it with --model` } : { model }
    })
}

/** Names that the operator vouches for, although the server does not list them. */
function onlyNamed(models: readonly ModelDescription[], settings: BackendSettings): readonly ModelDescription[] {
  const listed = new Set(models.map(({ id }) => id))
  const names = (settings.models ?? []).filter((name) => !isGlob(name) && !listed.has(name))
  return names.map((id) => ({ id, capabilities: {} }))
}

function whySkipped(
  { isLoaded }: ModelDescription,
  { isPaid, trust }: BackendSettings,
  { mayLoad, mayPay }: ProbePermissions,
): string | undefined {
  if (isPaid || trust === 'cloud') {
    if (!mayPay) return isPaid ? 'requests cost money; --paid makes them' : 'a cloud may cost money; --paid asks it'
    return undefined
  }
  if (isLoaded === true || mayLoad) return undefined
  return isLoaded === false ? 'not loaded; --load loads it' : 'may not be loaded; --load asks it anyway'
}
