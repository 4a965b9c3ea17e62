import type { FailureCause } from '../core/backend.ts'

export interface StatusFacts {
  readonly url: string
  readonly status: number
  /** The engine's own sentence, to be judged by its words. */
  readonly said: string
  /** The same sentence with request text and secrets masked, to be shown. */
  readonly shown: string
  readonly isOverflow: boolean
  /** Where a redirect points; `''` when there is none. */
  readonly location: string
}

export interface StatusExplanation {
  readonly causeClass: FailureCause
  readonly message: string
}

/**
 * What a status of 300 and more says about the backend. A `rejected` request would be refused by every backend alike;
 * all other classes are this backend's own trouble, and another may serve.
 */
export function explainStatus(facts: StatusFacts): StatusExplanation {
  const { url, status, said, shown, location } = facts
  const host = new URL(url).host
  const words = shown === '' ? '' : ` It says: ${shown}`
  const causeClass = classOf(facts)
  switch (causeClass) {
    case 'unauthorized':
      return {
        causeClass,
        message: `${host} refuses llmr's credentials (${status}): set api_key of this backend to a key it accepts.${words}`,
      }
    case 'no_such_model':
      return { causeClass, message: `${host} does not have the model (${status}).${words}` }
    case 'loading':
      return { causeClass, message: `${host} is loading its model and cannot serve yet (${status}).${words}` }
    case 'busy':
      return { causeClass, message: `${host} has no room for another request (${status}).${words}` }
    case 'malformed':
      return {
        causeClass,
        message: `${host} redirects (${status}${location === '' ? '' : ` to ${location}`}): put the final address into its url.`,
      }
    case 'rejected':
      return { causeClass, message: `${host} rejected the request (${status}).${words}` }
    default:
      return { causeClass, message: `${host} failed (${status}).${said === '' ? '' : words}` }
  }
}

function classOf({ status, said, isOverflow }: StatusFacts): FailureCause {
  if (isOverflow) return 'rejected'
  if (status < 400) return 'malformed'
  if (status === 401 || status === 402 || status === 403) return 'unauthorized'
  if ((status === 404 || status === 400) && missesModel(said)) return 'no_such_model'
  if (status === 429 || status === 529) return 'busy'
  if (status === 503) return isLoading(said) ? 'loading' : isBusy(said) ? 'busy' : 'server_error'
  // An endpoint that the engine was built or started without is refused as such, and no sign of bad health.
  if (status === 501) return 'rejected'
  return status >= 500 ? 'server_error' : 'rejected'
}

/** llama.cpp's router, Ollama, vLLM, LM Studio and OpenAI, each in its own words. */
function missesModel(said: string): boolean {
  return /\bmodel\b.{0,200}\b(?:not found|does not exist|not loaded|not available)|unknown model|no models? (?:is |are )?loaded/is.test(
    said,
  )
}

function isLoading(said: string): boolean {
  return /loading (?:the )?model|model is (?:still )?loading|still loading|starting up/i.test(said)
}

function isBusy(said: string): boolean {
  return /busy|overload|capacity|queue|pending requests|no (?:free |available )?slots?|too many|try again/i.test(said)
}
