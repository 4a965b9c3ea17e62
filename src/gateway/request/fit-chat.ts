import { fitToolIds } from '../../backends/chat/fit-tool-ids.ts'
import { toolIdFormOfName } from '../../backends/chat/tool-id-form-of.ts'
import type { Candidate } from '../../core/candidate.ts'
import { replaceImageParts } from '../../dialects/openai/chat/image-parts.ts'
import type { Intake } from './intake.ts'

/**
 * A chat with what this model cannot take made into what it can.
 *
 * @param written the request if it was written anew for the engine; else the client's own is meant
 * @returns undefined when the client's own can go as it came
 */
export function fitChat(
  { operation, request, outline }: Intake,
  { model, description }: Candidate,
  written: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const json = written ?? request.json
  if (operation !== 'chat' || json === undefined) return written
  const isBlind = outline?.hasImages === true && description?.capabilities.vision === false
  const seen = isBlind ? replaceImageParts(json, () => unseenImage) : json
  const fitted = fitToolIds(seen, description?.toolIds ?? toolIdFormOfName(model))
  return fitted === request.json ? undefined : fitted
}

/** Routing lets an image come here only when it is an old one, which the conversation goes on without. */
const unseenImage = { type: 'text', text: '[an image, which this model cannot see]' }
