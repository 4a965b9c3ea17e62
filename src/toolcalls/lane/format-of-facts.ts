import type { ToolFacts } from '../../core/tool-facts.ts'
import type { ReplyFormat } from '../formats/reply-format.ts'
import { replyFormat } from '../formats/reply-formats.ts'
import { deriveFormat } from '../templates/derive-format.ts'
import { formatOfName } from '../templates/format-of-name.ts'
import { formatOfRendering } from '../templates/format-of-rendering.ts'

export interface FoundFormat {
  readonly format: ReplyFormat
  readonly source: 'template' | 'rendering' | 'name' | 'unknown'
}

/**
 * The format in which a model writes calls: read off how its template renders one, by the template's markers, by the
 * model's name, and where nothing is known what most models have seen.
 */
export function formatOfFacts(facts: Pick<ToolFacts, 'chatTemplate' | 'renderings'>, model: string): FoundFormat {
  const { chatTemplate, renderings } = facts
  const derived = chatTemplate === undefined ? undefined : deriveFormat(chatTemplate)
  const rendered = renderings && formatOfRendering(renderings, derived?.isKnown === true ? derived.format : undefined)
  if (rendered !== undefined && rendered !== derived?.format) {
    // How a model thinks is not to be seen in how it calls.
    const { reasoning } = derived?.format ?? rendered
    return { format: reasoning === undefined ? rendered : { ...rendered, reasoning }, source: 'rendering' }
  }
  if (derived?.isKnown === true) return { format: derived.format, source: 'template' }
  const named = formatOfName(model)
  return named === undefined
    ? { format: derived?.format ?? replyFormat('generic'), source: 'unknown' }
    : { format: replyFormat(named), source: 'name' }
}
