import { afterEach } from 'vitest'

interface Closable {
  close(): Promise<unknown>
}

/** Whatever a test starts is closed after it, the last first: gateways hold connections to engines. */
export function closeAfterEach(): <Started extends Closable>(started: Started) => Started {
  const running: Closable[] = []
  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.close()
  })
  return (started) => {
    running.push(started)
    return started
  }
}
