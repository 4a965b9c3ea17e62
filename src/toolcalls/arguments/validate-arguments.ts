import { jsonText } from '../grammars/named-json.ts'
import { asSchema, resolved, type Schema } from '../values/schema-types.ts'
import { coerceValue } from './coerce-value.ts'
import { checkValue } from './check-value.ts'

export interface CheckedArguments {
  /** JSON of an object; the model's own text where nothing had to be changed. */
  readonly argumentsText: string
  /** What was put right, for the timeline: `syntax`, or the path of a value that had another type. */
  readonly repairs: readonly string[]
  /** What is wrong still, in words a model can act on. */
  readonly problems: readonly string[]
}

/**
 * Arguments against the tool's schema: broken JSON repaired, values of another type turned into what the schema asks for where
 * nothing is lost by it, and the rest named. Bounded in depth and in what it names.
 */
export function validateArguments(argumentsText: string, parameters: Schema): CheckedArguments {
  const text = argumentsText.trim() === '' ? '{}' : argumentsText
  const json = text.length > lengthMax ? undefined : jsonText(text.trim(), true)
  const given: unknown = json === undefined ? undefined : JSON.parse(json)
  const value = typeof given === 'string' ? JSON.parse(jsonText(given.trim(), true) ?? 'null') : given
  if (asSchema(value) === undefined)
    return { argumentsText, repairs: [], problems: ['The arguments are not a JSON object.'] }
  const repairs = json === text.trim() ? [] : ['syntax']
  const coerced = coerceValue(value, parameters, parameters, { path: '', repairs })
  const problems = checkValue(coerced, resolved(parameters, parameters), parameters)
  const isChanged = repairs.length > 0 || typeof given === 'string'
  return { argumentsText: isChanged ? JSON.stringify(coerced) : argumentsText, repairs, problems }
}

/** Characters. Larger arguments are passed on as they are read. */
const lengthMax = 16 * 1024 * 1024
