/** Another program's models as a file for llmr. */
export interface Imported {
  /** What would stand in llmr.yaml. */
  readonly document: ImportedDocument
  /** What has no place there, or a better one elsewhere; each a sentence for the operator. */
  readonly notes: readonly string[]
}

export interface ImportedDocument {
  readonly backends?: Readonly<Record<string, unknown>>
  readonly models?: Readonly<Record<string, unknown>>
  readonly profiles?: Readonly<Record<string, ImportedProfile>>
  readonly scheduling?: Readonly<Record<string, unknown>>
}

/** The keys of a profile as they are written. */
export type ImportedProfile = Readonly<Record<string, unknown>>

/** Without keys that hold nothing, so that the file says only what counts. */
export function compact(record: Readonly<Record<string, unknown>>): ImportedProfile {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
