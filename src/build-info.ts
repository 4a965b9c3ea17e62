import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { isBuilt, packageRoot } from './core/package-root.ts'

/** What the build wrote beside the built code, so that two answers can be told apart. */
export interface BuildInfo {
  /** Commit of the sources, or `source` when they run as they are. */
  readonly commit: string
}

/** @param file by default the package's own; sources have none, whatever an earlier build has left in dist/. */
export function readBuildInfo(file = isBuilt() ? join(packageRoot(), 'dist/build.json') : undefined): BuildInfo {
  if (file === undefined) return { commit: 'source' }
  try {
    return { commit: commitOf(JSON.parse(readFileSync(file, 'utf8'))) }
  } catch {
    return { commit: 'source' } // a broken one must not keep the gateway from starting
  }
}

function commitOf(build: unknown): string {
  const commit = typeof build === 'object' && build !== null && 'commit' in build ? build.commit : undefined
  return typeof commit === 'string' && commit !== '' ? commit : 'source'
}
