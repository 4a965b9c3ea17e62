import type { FailureCause } from '../core/backend.ts'
import type { ErrorCode } from '../core/error.ts'

/** What follows from one failed hop. */
export interface FailureJudgement {
  /** Speaks against this model on this backend, so the breaker counts it. */
  readonly countsForBreaker: boolean
  /** Another candidate may do better, as long as no byte of a reply has reached the client. */
  readonly isRetryable: boolean
  /** The server itself was not reached: it is failing until a check or a request says otherwise. */
  readonly marksBackendDown: boolean
  /** Every model on this backend would fail alike, so this request need not try another one there. */
  readonly coversBackend: boolean
  /** False: the client may send the same request again as often as it likes, the outcome stays. */
  readonly isWorthRepeating: boolean
  /** What the client is told when this failure is the last word. */
  readonly clientCode: ErrorCode
  /** What happened, as the rest of a sentence that begins with the backend's name. */
  readonly words: string
}

export function judgeFailure(cause: FailureCause): FailureJudgement {
  return failureJudgements[cause]
}

const unreachable = {
  countsForBreaker: true,
  isRetryable: true,
  marksBackendDown: true,
  coversBackend: true,
  isWorthRepeating: true,
  clientCode: 'backend_unreachable',
} as const satisfies Partial<FailureJudgement>

const broken = {
  countsForBreaker: true,
  isRetryable: true,
  marksBackendDown: false,
  coversBackend: false,
  isWorthRepeating: true,
  clientCode: 'backend_failed',
} as const satisfies Partial<FailureJudgement>

const notNow = {
  countsForBreaker: false,
  isRetryable: true,
  marksBackendDown: false,
  coversBackend: false,
  isWorthRepeating: true,
  clientCode: 'no_backend_available',
} as const satisfies Partial<FailureJudgement>

const failureJudgements: Readonly<Record<FailureCause, FailureJudgement>> = {
  /** Nothing listens: the engine is off or restarting, and the request never left. */
  refused: { ...unreachable, words: 'refused the connection' },

  /** The name has no address. A machine that announces its own name comes back with it, so a repeat may help. */
  unresolved: { ...unreachable, words: 'has a host name that does not resolve' },

  /** The machine is off or a firewall drops packets. 502 and not 504: the request was never delivered. */
  connect_timeout: { ...unreachable, words: 'did not accept a connection in time' },

  /** Certificates do not mend themselves between two attempts. */
  tls: { ...unreachable, isWorthRepeating: false, words: 'has a certificate that was not accepted' },

  /**
   * llmr's own key for the backend is wrong. Told as 502, never 401: the client's key is fine, and a 401 would make it
   * ask its user for another. The server is up (its health page often needs no key), so it is not marked down.
   */
  unauthorized: { ...broken, coversBackend: true, isWorthRepeating: false, words: 'did not accept the configured key' },

  /** Well, and soon ready. A breaker that counted this would still be shut when the model is loaded. */
  loading: { ...notNow, words: 'is loading a model' },

  /** Full or rate limited: it works. Its Retry-After holds it back without a mark against it. */
  busy: { ...notNow, words: 'is busy' },

  /** The engine understood and said no. It would say no elsewhere too, so the client hears it as it came. */
  rejected: {
    countsForBreaker: false,
    isRetryable: false,
    marksBackendDown: false,
    coversBackend: false,
    isWorthRepeating: false,
    clientCode: 'backend_rejected',
    words: 'rejected the request',
  },

  /** A backend that fails fast has no request in flight and so attracts traffic, unless its failures count. */
  server_error: { ...broken, words: 'answered with a server error' },

  /**
   * Harder on users than a dead one, so it counts. A repeat from the client would spend the same minutes again; another
   * backend may be faster.
   */
  slow_first_byte: {
    ...broken,
    isWorthRepeating: false,
    clientCode: 'backend_timeout',
    words: 'sent no reply in time',
  },

  /** Silence inside a reply. Another backend may take over where the reply was held until whole. */
  idle: {
    ...broken,
    isWorthRepeating: false,
    clientCode: 'backend_timeout',
    words: 'fell silent in the middle of a reply',
  },

  /** The connection ended before a status line: mostly an engine that crashed or was restarted. */
  died_before_reply: { ...broken, words: 'closed the connection before it replied' },

  /** A client that has half a reply is told that it was cut, never that this was the end. */
  died_mid_stream: {
    ...broken,
    clientCode: 'backend_stream_died',
    words: 'closed the connection in the middle of a reply',
  },

  /** What answers there is no inference server, or a broken one. */
  malformed: { ...broken, words: 'sent a reply that is not valid' },

  /**
   * The backend contradicts the list it gave. Not counted: with one backend the engine's 404 helps more than a shut
   * door would, and the check that follows refreshes the list.
   */
  no_such_model: {
    ...notNow,
    isWorthRepeating: false,
    clientCode: 'model_not_found',
    words: 'does not have the model',
  },
}
