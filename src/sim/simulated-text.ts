import { hashText, seededRandom } from './seeded-random.ts'

const wordsOf = (
  'amber basin cedar delta ember fjord grove harbour island juniper kettle lantern meadow north orchard pebble ' +
  'quarry river saddle timber upland valley willow yonder zephyr'
).split(' ')

/** A quotation longer than this, in code points, is cut: a reply must not grow with the prompt. */
const quoteMax = 200

export interface SimulatedText {
  readonly model: string
  readonly prompt: string
  /** What a gateway gave back of the conversation, line by line. */
  readonly remembered?: readonly string[]
  readonly seed: number
}

/** A reply that nobody can mistake for a model's: it says what it is, quotes what was asked, and ends in seeded words. */
export function simulatedText({ model, prompt, remembered = [], seed }: SimulatedText): string {
  const said = prompt === '' ? 'Nothing was asked.' : `You said: "${quote(prompt)}"`
  const next = simulatedWords(hashText(prompt) ^ seed)
  const earlier = remembered.length === 0 ? '' : ` I was told what was said before: "${quote(remembered.join(' / '))}".`
  const words = Array.from({ length: 12 }, next).join(' ')
  return `Simulated reply from ${model}. ${said}${earlier} Seeded words: ${words}.`
}

/** Draws words without end. */
export function simulatedWords(seed: number): () => string {
  const random = seededRandom(seed)
  return () => wordsOf[Math.floor(random() * wordsOf.length)] ?? ''
}

function quote(text: string): string {
  const points = Array.from(text)
  return points.length <= quoteMax ? text : `${points.slice(0, quoteMax).join('')}…`
}
