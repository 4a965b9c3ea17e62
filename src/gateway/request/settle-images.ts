import { mediaSourceOf } from '../../core/chat/media-source.ts'
import type { Base64Source, ImagePart, MediaSource, TextPart } from '../../core/chat/message.ts'
import { imagesIn, replaceImages } from '../../core/chat/replace-images.ts'
import { LlmrError } from '../../core/error.ts'
import {
  imagePartsIn,
  imageUrlOf,
  linksIn,
  replaceImageParts,
  withImageUrl,
} from '../../dialects/openai/chat/image-parts.ts'
import { outlineChat } from '../../dialects/openai/outline-chat.ts'
import type { Exchange } from '../../http/exchange.ts'
import { checkImage } from '../../media/check-image.ts'
import { fetchImage, NotFetched } from '../../media/fetch-image.ts'
import type { Intake } from './intake.ts'

export interface ImageSettings {
  readonly maxBytes: number
  readonly maxCount: number
  readonly isFetched: boolean
  readonly fetchTimeoutMs: number
  readonly privateHosts: readonly string[]
}

/** Images of one request that are fetched; each may have as many bytes as one may. */
const fetchedMax = 8

/** Whether a request holds anything of which an engine might fetch the address, or that may be too much. */
export function hasMedia({ outline, request: { json } }: Intake): boolean {
  // Some engines embed and rank chats, and fetch for those as well.
  const seen = outline ?? (Array.isArray(json?.['messages']) ? outlineChat(json) : undefined)
  return seen !== undefined && (seen.hasImages || seen.hasLinkedMedia === true)
}

/**
 * The request with every image checked, and in it, not behind an address: an engine that fetches addresses for clients
 * lets them into its network. What is right already stays as it came, byte by byte.
 *
 * @throws LlmrError `invalid_request` that says which image, and what to do about it
 */
export async function settleImages(exchange: Exchange, intake: Intake, settings: ImageSettings): Promise<Intake> {
  const { chat, request } = intake
  refuseLinks(linksIn(request.json))
  const given = chat === undefined ? wireImages(request.json) : neutralImages(chat.request.messages)
  if (given.length > settings.maxCount) {
    throw refused(
      `Expected at most ${settings.maxCount} images in a request (dialects.images.max_count); there are ${given.length}. ` +
        'Leave out the oldest.',
    )
  }
  const settled = await settleAll(exchange, given, settings)
  if (settled.every((image, index) => image === given[index]?.source)) return intake
  return withImages(intake, settled)
}

interface GivenImage {
  readonly source: MediaSource | undefined
  readonly isNew: boolean
}

/** A text stands for an image that is only remembered, and no longer to be had. */
type SettledImage = MediaSource | TextPart | undefined

function refuseLinks(links: readonly string[]): void {
  if (links.every((link) => link.startsWith('data:'))) return
  throw refused('Sound and film are not fetched for engines: send them as data URLs, not as addresses.')
}

function wireImages(json: unknown): GivenImage[] {
  return imagePartsIn(json).map(({ part, isNew }) => {
    const url = imageUrlOf(part)
    return { source: url === undefined ? undefined : mediaSourceOf(url), isNew }
  })
}

function neutralImages(messages: Parameters<typeof imagesIn>[0]): GivenImage[] {
  return imagesIn(messages).map(({ image, isNew }) => ({ source: image.source, isNew }))
}

async function settleAll(
  exchange: Exchange,
  given: readonly GivenImage[],
  settings: ImageSettings,
): Promise<SettledImage[]> {
  const fetched = await fetchAll(exchange, given, settings)
  if (exchange.isClientGone) return given.map(({ source }) => source)
  return given.map(({ source, isNew }, index) => {
    if (source === undefined) return undefined
    const image = source.kind === 'url' ? fetched.get(source.url) : source
    const checked = image instanceof NotFetched || image === undefined ? undefined : checkImage(image, settings)
    if (checked?.kind === 'good') return checked.source
    // Addresses of old images die, and a conversation must not die with them.
    if (!isNew && source.kind === 'url') return lostImage
    const problem = checked?.problem ?? (image instanceof NotFetched ? image.message : 'has no address')
    throw refused(`Image ${index + 1} of ${given.length} ${problem}.`)
  })
}

const lostImage: TextPart = { type: 'text', text: '[an image that is no longer to be had]' }

/** Each address once, all at a time. */
async function fetchAll(
  exchange: Exchange,
  given: readonly GivenImage[],
  { isFetched, fetchTimeoutMs, maxBytes, privateHosts }: ImageSettings,
): Promise<ReadonlyMap<string, Base64Source | NotFetched>> {
  const urls = [...new Set(given.flatMap(({ source }) => (source?.kind === 'url' ? [source.url] : [])))]
  if (urls.length === 0) return new Map()
  if (urls.some((url) => url.startsWith('data:'))) throw refused('Expected the data URLs of images to be in Base64.')
  if (!isFetched) {
    throw refused(
      'An image is only an address, and llmr fetches none: send it as a data URL (data:image/png;base64,…), ' +
        'or let the operator set dialects.images.fetch.',
    )
  }
  if (urls.length > fetchedMax) {
    throw refused(`Expected at most ${fetchedMax} images that have to be fetched; there are ${urls.length}.`)
  }
  const gone = new AbortController()
  exchange.onClientGone(() => gone.abort(new Error('the client is gone')))
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(fetchTimeoutMs)])
  try {
    const images = await Promise.all(
      urls.map((url) => fetchImage(url, { maxBytes, privateHosts, signal }).catch(notFetched)),
    )
    exchange.note('images-fetched', String(images.filter((image) => !(image instanceof NotFetched)).length))
    return new Map(urls.map((url, index) => [url, images[index] ?? new NotFetched('was not fetched')]))
  } finally {
    exchange.onClientGone(undefined)
  }
}

function notFetched(error: unknown): NotFetched {
  if (error instanceof NotFetched) return error
  throw error
}

function withImages(intake: Intake, settled: readonly SettledImage[]): Intake {
  const { chat, request } = intake
  const left = settled.values()
  if (chat !== undefined) {
    const messages = replaceImages(chat.request.messages, (image) => imagePart(image, left.next().value))
    return { ...intake, chat: { ...chat, request: { ...chat.request, messages } } }
  }
  const json = replaceImageParts(request.json ?? {}, (part) => wirePart(part, left.next().value))
  return { ...intake, request: { ...request, json }, body: Buffer.from(JSON.stringify(json)) }
}

function imagePart(image: ImagePart, settled: SettledImage): ImagePart | TextPart {
  if (settled === undefined || settled === image.source) return image
  return 'type' in settled ? settled : { ...image, source: settled }
}

function wirePart(part: Readonly<Record<string, unknown>>, settled: SettledImage): Readonly<Record<string, unknown>> {
  if (settled === undefined || 'type' in settled) return settled === undefined ? part : { ...settled }
  if (settled.kind === 'url') return part
  return withImageUrl(part, `data:${settled.mediaType};base64,${settled.data}`)
}

function refused(message: string): LlmrError {
  return new LlmrError('invalid_request', message, { param: 'messages', isRetryable: false })
}
