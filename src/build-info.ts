import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the build wrote beside the compiled code, so that two answers can be told apart. */
export interface BuildInfo {
  /** Commit of the sources, or `source` when they run as they are. */
  readonly commit: string
}

/** @param directory where the compiled `src/` lies; `build.json` is one above it. */
export function readBuildInfo(directory: string = import.meta.dirname): BuildInfo {
  try {
    return { commit: commitOf(JSON.parse(readFileSync(join(directory, '../build.json'), 'utf8'))) }
  } catch {
    // A checkout has no build.json, and a broken one must not keep the gateway from starting.
    return { commit: 'source' }
  }
}

function commitOf(build: unknown): string {
  const commit = typeof build === 'object' && build !== null && 'commit' in build ? build.commit : undefined
  return typeof commit === 'string' && commit !== '' ? commit : 'source'
}
