import type { BackendDescription } from '../../core/backend.ts'

/** Another build of the server, or of the model behind the name, makes whatever was learnt of them void. */
export function buildOf(description: BackendDescription | undefined, model: string): string {
  const { revision } = description?.models.find(({ id }) => id === model) ?? {}
  return [description?.kind, description?.version, revision]
    .map((part) => part ?? '')
    .join(' ')
    .trim()
}
