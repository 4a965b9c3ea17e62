import type { Capabilities } from '../core/model.ts'

/**
 * What a model's name gives away, for engines that list names and nothing else. Only names that are unmistakable:
 * for all others nothing is claimed.
 */
export function capabilitiesFromName(id: string): Capabilities {
  const family = families.find(({ name }) => name.test(id))
  return family?.capabilities ?? {}
}

const noText = { chat: false, completion: false }

const families: readonly { readonly name: RegExp; readonly capabilities: Capabilities }[] = [
  { name: /rerank|cross-encoder/i, capabilities: { ...noText, rerank: true } },
  {
    name: /embed|(?:^|[/:_-])(?:bge|e5|gte|minilm|mxbai|arctic-embed)(?:[-_:.]|$)/i,
    capabilities: { ...noText, embedding: true },
  },
  { name: /moderation/i, capabilities: { ...noText, moderation: true } },
  { name: /whisper|-transcribe/i, capabilities: { ...noText, transcription: true } },
  { name: /(?:^|[/_-])tts(?:[-_:]|$)|kokoro/i, capabilities: { ...noText, speech: true } },
  { name: /dall-e|gpt-image|stable-diffusion|(?:^|[/_-])flux(?:[-_.]|$)/i, capabilities: { ...noText, image: true } },
]
