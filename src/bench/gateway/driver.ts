import { driveLoad, requestBytes } from './drive-load.ts'
import type { Load } from './drive-load.ts'
import { LoadConnection } from './load-connection.ts'
import { answerCalls } from './program-channel.ts'

// A program: the clients. In a process of its own, so that its work is not taken for that of what it measures.

const held: LoadConnection[] = []

answerCalls({
  drive: (load: Load) => driveLoad(load),
  /** Opens streams and leaves them open. Resolves when each has sent its first byte. */
  hold: async (load: Omit<Load, 'shape'> & { readonly streams: number }) => {
    const request = requestBytes(load)
    await Promise.all(Array.from({ length: load.streams }, () => openStream(load.port, request)))
  },
  release: () => {
    for (const connection of held.splice(0)) connection.close()
  },
})

function openStream(port: number, request: Buffer): Promise<void> {
  const connection = new LoadConnection(port)
  held.push(connection)
  return new Promise((resolve, reject) => {
    // The reply never ends on its own: what settles later is that `release` closed it.
    connection.send(request, resolve).then(() => resolve(), reject)
  })
}
