import { withoutLatest } from './backend-shelf.ts'

/**
 * Finds names written in another letter case, `:latest` or not, as long as they all mean one model. Two models that
 * differ only in case stay apart: to engines case matters.
 *
 * @param names each stated name, with the name of the model it stands for.
 */
export function indexByCase(names: ReadonlyMap<string, string>): (name: string) => string | undefined {
  const stated = new Map<string, { readonly name: string; readonly models: Set<string> }>()
  for (const [name, model] of names) {
    const key = fold(name)
    const known = stated.get(key)
    if (known) known.models.add(withoutLatest(model))
    else stated.set(key, { name, models: new Set([withoutLatest(model)]) })
  }
  return (name) => {
    const found = stated.get(fold(name))
    return found?.models.size === 1 ? found.name : undefined
  }
}

function fold(name: string): string {
  return withoutLatest(name.toLowerCase())
}
