import { formatTable } from './table.ts'

export interface ListedProfile {
  readonly name: string
  readonly isTemplate: boolean
  readonly engine: string
  readonly description: string | null
  readonly model: string | null
  readonly context: number | null
  readonly parallel: number
  readonly tags: readonly string[]
  readonly aliases: readonly string[]
  readonly file: string
}

/** One line a profile: what is launched, or what a template is for. */
export function formatProfiles(profiles: readonly ListedProfile[]): string {
  const rows = profiles.map(({ name, isTemplate, engine, description, model, context, aliases, tags }) => [
    name,
    isTemplate ? 'template' : engine,
    context === null ? '-' : String(context),
    (model === null ? description : shortModel(model)) ?? '-',
    aliases.length === 0 ? '-' : aliases.join(','),
    tags.length === 0 ? '-' : tags.join(','),
  ])
  return formatTable(['PROFILE', 'ENGINE', 'CONTEXT', 'WHAT', 'ALIASES', 'TAGS'], rows)
}

function shortModel(model: string): string {
  return model.startsWith('/') ? (model.split('/').at(-1) ?? model) : model
}
