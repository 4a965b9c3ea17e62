import { searchable } from './dense-script.ts'

/**
 * The words of a question that are worth looking for, in lower case: at most so many, the longest, which are the rarest. A
 * path or an address is one word to the store's parser and its parts are others, so it is looked for as both. Of a script
 * without blanks each two characters are a word.
 */
export function questionWords(question: string): readonly string[] {
  const pieces = excerpt(question).toLowerCase().match(/\S+/g) ?? []
  const words = pieces
    .flatMap((piece) => [piece.replaceAll(edges, ''), ...(piece.match(parts) ?? [])])
    .flatMap(searchable)
  return Array.from(new Set(words.filter((word) => word.length > 1 && word.length <= 100 && !commonWords.has(word))))
    .toSorted((one, other) => other.length - one.length)
    .slice(0, wordsMax)
}

/** A question may be a pasted file: its beginning and its end say what it is about. */
function excerpt(text: string): string {
  return text.length <= 2 * excerptHalf ? text : `${text.slice(0, excerptHalf)}\n${text.slice(-excerptHalf)}`
}

const excerptHalf = 1_000
const wordsMax = 32
const edges = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu
const parts = /[\p{L}\p{N}]+/gu

/** They stand everywhere, and in a short conversation no count shows it. In languages that are not here the count must do. */
const commonWords = new Set(
  `a about all also am an and any are as at be been before but by can could did do does each for from get had has have he
  her here him his how if in into is it its just like made make may me more my no not now of on one or our out over please
  said say says she should so some tell than that the their them then there these they this those to told up us was we were
  what when where which who whom whose why will with would you your yours again remind remember
  aber als auch auf aus bei bin bis das dass dein dem den der des die doch du durch ein eine einem einen einer eines er
  es für haben hat hatte ich ihr im ist ja kann kannst man mein mich mir mit nach nicht noch nun nur ob oder schon sein
  sich sie sind um und uns vom von vor war wenn wer wie wir wird wo zu zum zur bitte
  de du el en est et la las le les los où para por que qui se sur un une`.split(/\s+/),
)
