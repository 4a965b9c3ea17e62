import { join, resolve } from 'node:path'

import type { Environment } from './substitute-environment.ts'

/** A path as people write it, made absolute: `~/` is the home of whoever runs llmr, all else starts from `folder`. */
export function fullPath(
  path: string,
  { folder, env }: { readonly folder: string; readonly env: Environment },
): string {
  const home = env['HOME'] ?? ''
  return path.startsWith('~/') && home !== '' ? join(home, path.slice(2)) : resolve(folder, path)
}
