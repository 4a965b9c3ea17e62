import { fitToolIds } from '../../backends/chat/fit-tool-ids.ts'
import { fitToolSchemas } from '../../backends/chat/fit-tool-schemas.ts'
import { toolIdFormOfName } from '../../backends/chat/tool-id-form-of.ts'
import type { Candidate } from '../../core/candidate.ts'
import { replaceImageParts } from '../../dialects/openai/chat/image-parts.ts'
import type { Intake } from './intake.ts'

export interface FitOptions {
  /** The request if it was written anew for the engine; else the client's own is meant. */
  readonly written: Readonly<Record<string, unknown>> | undefined
  /** The engine makes a grammar of the schemas of tools. */
  readonly hasGrammar: boolean | undefined
}

/**
 * A chat with what this model and its engine cannot take made into what they can.
 *
 * @returns undefined when the client's own can go as it came
 */
export function fitChat(
  { operation, request, outline }: Intake,
  { model, description }: Candidate,
  { written, hasGrammar }: FitOptions,
): FitOptions['written'] {
  const json = written ?? request.json
  if (operation !== 'chat' || json === undefined) return written
  const isBlind = outline?.hasImages === true && description?.capabilities.vision === false
  const seen = isBlind ? replaceImageParts(json, () => unseenImage) : json
  const called = fitToolIds(seen, description?.toolIds ?? toolIdFormOfName(model))
  const fitted = hasGrammar === true ? fitToolSchemas(called) : called
  return fitted === request.json ? undefined : fitted
}

/** Routing lets an image come here only when it is an old one, which the conversation goes on without. */
const unseenImage = { type: 'text', text: '[an image, which this model cannot see]' }
