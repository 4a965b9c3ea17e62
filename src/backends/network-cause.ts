import type { FailureCause } from '../core/backend.ts'
import { isLoopbackHost } from '../core/trust-of-url.ts'

interface Circumstances {
  readonly url: string
  readonly hasReplyBegun: boolean
}

export interface NetworkExplanation {
  readonly causeClass: FailureCause
  readonly message: string
  readonly code?: string
}

/** What an error of Node's sockets, its TLS or the HTTP client says about the backend, and what to do about it. */
export function explainNetworkError(error: Error, { url, hasReplyBegun }: Circumstances): NetworkExplanation {
  const code = codeOf(error)
  const place = placeOf(url)
  const died = hasReplyBegun ? 'died_mid_stream' : 'died_before_reply'
  const explain = (causeClass: FailureCause, message: string): NetworkExplanation => ({
    causeClass,
    message,
    ...(code !== undefined && { code }),
  })
  switch (code) {
    case 'ECONNREFUSED':
      return explain('refused', refusedMessage(place))
    case 'ENOTFOUND':
      return explain(
        'unresolved',
        `The name ${place.hostname} is not known: correct it in the url, or use the machine's IP address.`,
      )
    case 'EAI_AGAIN':
      return explain(
        'unresolved',
        `The name ${place.hostname} could not be looked up, because the name server did not answer: check the network, or use the machine's IP address.`,
      )
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
      return explain(
        'connect_timeout',
        `${place.host} does not answer: the machine is off, asleep or on another network, or a firewall drops what is sent to port ${place.port}.${place.isTls ? ' It may also not speak TLS: then its url must begin with http://.' : ''}`,
      )
    case 'UND_ERR_HEADERS_TIMEOUT':
      return explain(
        'slow_first_byte',
        `${place.host} took the request but sent no reply in time: it is reading a long prompt, loading a model or stuck. resilience.first_byte_timeout sets how long to wait.`,
      )
    case 'UND_ERR_BODY_TIMEOUT':
      return explain(
        'idle',
        `${place.host} stopped in the middle of its reply: it is stuck, or the network dropped the connection without a word. resilience.idle_timeout sets how long a silence may last.`,
      )
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'EPIPE':
      return explain(died, diedMessage(place, hasReplyBegun))
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      return explain(died, `llmr has closed its connections to ${place.host}: the backend left the configuration.`)
    default:
      return explainByFamily(error, { code, place, died, explain })
  }
}

interface Family {
  readonly code: string | undefined
  readonly place: Place
  readonly died: FailureCause
  readonly explain: (causeClass: FailureCause, message: string) => NetworkExplanation
}

function explainByFamily(error: Error, { code, place, died, explain }: Family): NetworkExplanation {
  if (error.name === 'HTTPParserError' || code?.startsWith('HPE_') === true || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return explain(
      'malformed',
      `${place.host} answered with something that is not HTTP: another program listens on port ${place.port}, or its url must begin with https://.`,
    )
  }
  const tls = tlsReason(code)
  if (tls !== undefined) return explain('tls', `No secure connection to ${place.host}: ${tls}`)
  return explain(died, `The request to ${place.host} failed: ${error.message}`)
}

/** `localhost` is tried by IPv6 and IPv4, so an attempt may end in a bundle of errors; the first tells enough. */
function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) {
    return error.errors.map((inner: unknown) => (inner instanceof Error ? codeOf(inner) : undefined)).find(Boolean)
  }
  return undefined
}

interface Place {
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly isLoopback: boolean
  readonly isTls: boolean
}

function placeOf(url: string): Place {
  const { hostname, port, protocol } = new URL(url)
  const usual = protocol === 'https:' ? '443' : '80'
  return {
    host: port === '' ? hostname : `${hostname}:${port}`,
    hostname,
    port: port === '' ? usual : port,
    isLoopback: isLoopbackHost(hostname),
    isTls: protocol === 'https:',
  }
}

function refusedMessage({ host, port, isLoopback }: Place): string {
  if (isLoopback) return `Nothing listens on ${host}: start the engine, or correct the port in its url.`
  return (
    `${host} refused the connection: the engine is not running, uses another port than ${port}, or listens only on ` +
    '127.0.0.1 of its own machine. To be reached from here it must listen on the network: llama-server and vLLM with ' +
    '--host 0.0.0.0, Ollama with OLLAMA_HOST=0.0.0.0, LM Studio with "Serve on Local Network".'
  )
}

function diedMessage({ host }: Place, hasReplyBegun: boolean): string {
  return hasReplyBegun
    ? `${host} broke the connection in the middle of its reply: the engine crashed (out of memory is usual) or was stopped. Its own log has the reason.`
    : `${host} closed the connection without a reply: the engine crashed or was stopped, or it expects https://. Its own log has the reason.`
}

const selfSigned =
  'its certificate is signed by nobody this machine knows. Give the authority as tls.ca, or accept any certificate with tls.insecure.'

/** In the words of the operator, by the codes of Node's TLS; `undefined` when the code is about something else. */
function tlsReason(code: string | undefined): string | undefined {
  switch (code) {
    case undefined:
      return undefined
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return selfSigned
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired. Renew it there.'
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet. One of the two clocks is wrong.'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate is for another name. Use the name in the certificate as the url.'
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak TLS. Its url must probably begin with http://.'
    default:
      return /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|CRL_)/.test(code) ? `TLS failed (${code}).` : undefined
  }
}
