import { z } from 'zod'

export interface ShortForm {
  /** The key of the section that a single word stands for. */
  readonly key: string
  readonly words: readonly string[]
}

/** Kept beside the schema, which knows of a step before the section but not what it is for. */
export const shortForms = z.registry<ShortForm>()

/** A section in whose place one word may stand: `memory: on` for `memory: { keep: on }`. */
export function withShortForm<Section extends z.ZodObject>(section: Section, { key, words }: ShortForm) {
  const isWord = (value: unknown): boolean => typeof value === 'string' && words.includes(value)
  const schema = z.preprocess((value) => (isWord(value) ? { [key]: value } : value), section)
  shortForms.add(schema, { key, words })
  return schema
}
