import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A policy of the operator's own is named by a path; what is no path is one of those that llmr brings. */
export function isPolicyFile(policy: string): boolean {
  return policy.includes('/')
}

/**
 * Whether a module may be run inside the gateway: it belongs to the user that llmr runs as, or to root, and nobody else
 * can write to it or put another one in its place. Reads nothing of it.
 *
 * @returns what is wrong, as a half sentence; undefined: nothing
 */
export async function policyFileProblem(file: string): Promise<string | undefined> {
  try {
    const real = await realpath(file)
    const [module, folder] = await Promise.all([stat(real), stat(dirname(real))])
    const userId = process.getuid?.()
    if (!module.isFile()) return `expected a file, ${file} is none`
    if (userId !== undefined && module.uid !== userId && module.uid !== 0) {
      return `expected ${file} to belong to the user that llmr runs as (${userId}) or to root; it belongs to user ${module.uid}`
    }
    if ((module.mode & writableByAll) !== 0) return `everybody may write to ${file}; chmod o-w it`
    if ((folder.mode & writableByAll) !== 0 && (folder.mode & sticky) === 0) {
      return `everybody may replace ${file}; chmod o-w its folder`
    }
    return undefined
  } catch (error) {
    return `${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`
  }
}

const writableByAll = 0o002
/** In such a folder, as /tmp is one, files are replaced by their owners alone. */
const sticky = 0o1000
