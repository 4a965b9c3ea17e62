import { CliError } from './cli-error.ts'
import { storeFailure } from './store-failure.ts'

/** What went wrong with the bus, in words that end in something to do. For `catch`. */
export function busFailure(thrown: unknown): never {
  if (thrown instanceof Error && brokerFailures.has(thrown.name)) {
    throw new CliError(`The NATS server cannot be used: ${thrown.message}`, {
      code: 'broker_unreachable',
      nextSteps: [
        'See that events.url or NATS_URL is right, and that the server runs with JetStream (nats-server -js).',
      ],
      cause: thrown,
    })
  }
  storeFailure(thrown)
}

const brokerFailures: ReadonlySet<string> = new Set([
  'ConnectionError',
  'AuthorizationError',
  'TimeoutError',
  'RequestError',
  'JetStreamNotEnabled',
  'JetStreamApiError',
])
