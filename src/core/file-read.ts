import type { MemoryScope } from './memory-scope.ts'

/** A file that an agent's tool has read, as its result came back in a later request. */
export interface FileRead extends MemoryScope {
  /** Of the request that brought the result. */
  readonly requestId: string
  /** Of the call that it answers, as the client echoed it. */
  readonly callId: string
  /** As the tool was given it. */
  readonly path: string
  /** Of the whole content, in hex. */
  readonly sha256: string
  /** Of the content as UTF-8. */
  readonly bytes: number
  /** Absent where it is too long to be kept. */
  readonly content?: string
}
