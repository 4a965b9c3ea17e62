import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import { findProgram } from '../flags/read-binary-flags.ts'
import { binaryOf, weightParts } from '../launch-profile.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import { splitWords } from '../split-words.ts'
import type { LaunchFacts } from './check-launch.ts'

type Unusable = LaunchFacts['unusable']

/** Looks at every file, folder and program that a profile names. */
export async function findUnusable(profile: LaunchProfile): Promise<Unusable> {
  const { model, mmproj, draft, cwd, logFolder } = profile
  const found = await Promise.all([
    program(profile),
    weights(['model'], model),
    weights(['mmproj'], mmproj),
    weights(['draft', 'model'], draft?.model),
    cwd === undefined ? [] : folder(['cwd'], cwd),
    logFolder === undefined ? [] : writable(['log', 'folder'], logFolder),
  ])
  return found.flat()
}

async function program(profile: LaunchProfile): Promise<Unusable> {
  const command = typeof profile.command === 'string' ? splitWords(profile.command) : { words: profile.command ?? [] }
  const name = binaryOf(profile) ?? (command.problem === undefined ? command.words[0] : undefined)
  if (name === undefined || name === '' || (await findProgram(name)) !== undefined) return []
  const path = profile.engine === 'command' ? ['command'] : profile.binary === undefined ? [] : ['binary']
  const where = name.includes('/') ? 'there is no such program that may be run' : 'no folder of PATH has it'
  const advice = profile.engine === 'command' ? 'check its path' : 'install it, or give its path as binary'
  return [{ path, reason: `the program ${name} cannot be started: ${where}; ${advice}` }]
}

async function weights(path: readonly string[], file: string | undefined): Promise<Unusable> {
  if (file === undefined) return []
  if (file.startsWith('~')) {
    return [{ path, reason: `"~" is not replaced here, as no shell reads it; write \${env.HOME}${file.slice(1)}` }]
  }
  if (!/\.gguf$/i.test(file)) return []
  const parts = await Promise.all(weightParts(file).map((part) => readable(path, part)))
  return parts.flat()
}

async function readable(path: readonly string[], file: string): Promise<Unusable> {
  try {
    await access(file, constants.R_OK)
    return (await stat(file)).isFile() ? [] : [{ path, reason: `expected a file, ${file} is a folder` }]
  } catch (error) {
    return [{ path, reason: `${file} cannot be read (${codeOf(error)})` }]
  }
}

async function folder(path: readonly string[], name: string): Promise<Unusable> {
  const isFolder = await stat(name).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  return isFolder ? [] : [{ path, reason: `there is no folder ${name}` }]
}

/** A folder that is made at the first start must be possible to make. */
async function writable(path: readonly string[], name: string): Promise<Unusable> {
  try {
    await access(name, constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    const above = dirname(name)
    if (codeOf(error) === 'ENOENT' && above !== name) return writable(path, above)
    const advice = 'take log.folder away, and the output goes to the data folder'
    return [{ path, reason: `${name} cannot be written (${codeOf(error)}); ${advice}` }]
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
