import { open } from 'node:fs/promises'

export interface PrefetchFile {
  readonly path: string
  /** Ends it after the reads under way, of 4 MiB each. */
  readonly signal: AbortSignal
  /** Reads at a time: 2 to 4. Each occupies a thread of the pool that all file access shares, so not all four of it. */
  readonly parallel?: number
}

/**
 * Small enough to end quickly, large enough for a disk to be busy. Advice to the kernel instead of reads would do less:
 * each such call is cut to the read-ahead window.
 */
const blockBytes = 4 * 1024 * 1024

/**
 * Reads a file once, for the page cache to hold it. Resolves with the bytes read, which are fewer than the file has when
 * it was cancelled.
 *
 * @throws the system's error when the file cannot be read.
 */
export async function prefetchFile({ path, signal, parallel = 2 }: PrefetchFile): Promise<number> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    let next = 0
    let bytesRead = 0
    const readBlocks = async (): Promise<void> => {
      // Never looked at, so each reader has one for all its reads.
      const scratch = Buffer.allocUnsafe(Math.min(blockBytes, size))
      while (next < size && !signal.aborted) {
        const position = next
        next += blockBytes
        const read = await file.read(scratch, 0, scratch.length, position)
        bytesRead += read.bytesRead
      }
    }
    const readers = Array.from({ length: Math.min(parallel, Math.ceil(size / blockBytes)) }, readBlocks)
    // All must have ended before the file is closed under them.
    const outcomes = await Promise.allSettled(readers)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return bytesRead
  } finally {
    await file.close()
  }
}
