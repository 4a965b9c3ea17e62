import { objectAt, parseForeignJson } from '../core/foreign-json.ts'

/** Under this name goes what a model wrote as arguments and is none: an input is an object, whatever the model does. */
const invalidKey = 'INVALID_JSON'

/** Arguments as the input of a block. */
export function inputOf(argumentsText: string): object {
  if (argumentsText.trim() === '') return {}
  return objectAt(parseForeignJson(argumentsText)) ?? { [invalidKey]: argumentsText }
}

/** The input of a block as arguments; the other way round of `inputOf`. */
export function argumentsOf(input: unknown): string {
  const fields = objectAt(input)
  if (fields === undefined) return input === undefined || input === null ? '{}' : JSON.stringify(input)
  const wrapped = Object.keys(fields).length === 1 ? fields[invalidKey] : undefined
  return typeof wrapped === 'string' ? wrapped : JSON.stringify(fields)
}
