import type { Candidate } from '../core/candidate.ts'
import { globMatcher, isGlob } from '../core/glob.ts'
import type { Capabilities, ModelDescription } from '../core/model.ts'
import type { BackendInventory, CatalogueEntry } from './catalogue-entry.ts'

/** One backend's models, ready for look-ups by name. */
export interface BackendShelf {
  readonly backend: BackendInventory
  /** Every name that it can be asked for: what it reported and may give, and what the operator vouches for. */
  readonly names: readonly string[]
  /**
   * @param isVouchedFor the operator named this backend for the model, so that one which has not said yet what it has
   * is taken at their word.
   */
  find(wanted: string, isVouchedFor: boolean): ShelfItem | undefined
}

export interface ShelfItem {
  /** The engine's name. */
  readonly model: string
  readonly description?: ModelDescription
}

export function openShelf(backend: BackendInventory): BackendShelf {
  const globs = backend.modelGlobs
  const matches = globs && globMatcher(globs)
  // `qwen3` in the list of an Ollama means its `qwen3:latest`, as everywhere in that world.
  const isUsable = (id: string): boolean => !matches || matches(id) || matches(withoutLatest(id))
  const usable = new Map(backend.models.filter(({ id }) => isUsable(id)).map((model) => [model.id, model]))
  const plainNames = new Set(globs?.filter((glob) => !isGlob(glob)))

  return {
    backend,
    names: [...usable.keys(), ...[...plainNames].filter((name) => !reported(usable, name))],
    find: (wanted, isVouchedFor) => {
      const description = reported(usable, wanted)
      if (description) return { model: description.id, description }
      if (plainNames.has(wanted)) return { model: wanted }
      if (isVouchedFor && backend.models.length === 0 && isUsable(wanted)) return { model: wanted }
      return undefined
    },
  }
}

const latest = ':latest'

/** The names that mean the same model to Ollama, the given one first. */
export function latestVariant(name: string): string {
  return name.endsWith(latest) ? name.slice(0, -latest.length) : name + latest
}

export function withoutLatest(name: string): string {
  return name.endsWith(latest) ? name.slice(0, -latest.length) : name
}

function reported(models: ReadonlyMap<string, ModelDescription>, name: string): ModelDescription | undefined {
  return models.get(name) ?? models.get(latestVariant(name))
}

/** A find as something a request can be sent to, what the backend left unsaid filled in by the operator. */
export function toCandidate(backend: BackendInventory, item: ShelfItem, entry: CatalogueEntry | undefined): Candidate {
  const { name, trust } = backend
  return { backend: name, trust, model: item.model, description: describe(backend, item, entry) }
}

function describe(
  backend: BackendInventory,
  { model, description }: ShelfItem,
  entry: CatalogueEntry | undefined,
): ModelDescription | undefined {
  const contextLength = description?.contextLength ?? entry?.contextLength ?? backend.contextLength
  const vouched: Capabilities = Object.fromEntries((entry?.capabilities ?? []).map((name) => [name, true]))
  const isUnknown = !description && contextLength === undefined && !entry?.capabilities
  if (isUnknown) return undefined
  return {
    id: model,
    ...description,
    contextLength,
    capabilities: { ...vouched, ...definedOnly(description?.capabilities) },
  }
}

function definedOnly(capabilities: Capabilities = {}): Capabilities {
  return Object.fromEntries(Object.entries(capabilities).filter(([, value]) => value !== undefined))
}
