/** Which model files the kernel still has in memory: whole files, the least recently used first to go. */
export class PageCache {
  readonly #capacityBytes: number
  readonly #files = new Map<string, number>()
  #usedBytes = 0

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
  }

  cachedBytes(name: string): number {
    return this.#files.get(name) ?? 0
  }

  /** So many bytes of the file have just been read. Gives back the names of all files whose share has changed. */
  touch(name: string, bytes: number): readonly string[] {
    const changed = new Set<string>([name])
    this.#drop(name)
    if (bytes > this.#capacityBytes) return [...changed]
    for (const oldest of this.#files.keys()) {
      if (this.#usedBytes + bytes <= this.#capacityBytes) break
      this.#drop(oldest)
      changed.add(oldest)
    }
    this.#files.set(name, bytes)
    this.#usedBytes += bytes
    return [...changed]
  }

  #drop(name: string): void {
    this.#usedBytes -= this.cachedBytes(name)
    this.#files.delete(name)
  }
}
