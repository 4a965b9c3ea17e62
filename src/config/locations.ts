import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

import type { Environment } from './substitute-environment.ts'

/** What the search depends on, handed in. */
export interface Surroundings {
  readonly env: Environment
  readonly workingDirectory: string
  readonly homeDirectory: string
  /** Absent where files have no numbered owner. */
  readonly userId: number | undefined
  /** Undefined where there is no regular file, or none that can be looked at. */
  readonly stat: (file: string) => { readonly ownerId: number } | undefined
}

export interface ConfigLocation {
  /** Absolute; absent when there is no file and everything has its default. */
  readonly file: string | undefined
  readonly origin: 'flag' | 'environment' | 'working directory' | 'user' | 'system' | 'none'
  /** A file that was passed over, and should be mentioned. */
  readonly ignored?: { readonly file: string; readonly reason: string }
}

export function processSurroundings(): Surroundings {
  return {
    env: process.env,
    workingDirectory: process.cwd(),
    homeDirectory: homedir(),
    userId: process.getuid?.(),
    stat(file) {
      try {
        const stats = statSync(file)
        return stats.isFile() ? { ownerId: stats.uid } : undefined
      } catch {
        return undefined // not there, or below a folder that this user may not enter: not this user's file
      }
    },
  }
}

/**
 * Which file is read: `--config`, then `LLMR_CONFIG`, `./llmr.yaml` if it belongs to the same user,
 * `$XDG_CONFIG_HOME/llmr/llmr.yaml`, `/etc/llmr/llmr.yaml`. The first two are not looked at here: a file that was asked
 * for and is missing is an error when it is read, never a reason to take another.
 */
export function findConfigFile(flag: string | undefined, surroundings: Surroundings): ConfigLocation {
  const { env, workingDirectory, homeDirectory, userId, stat } = surroundings
  if (flag !== undefined) return { file: resolve(workingDirectory, flag), origin: 'flag' }
  if (isSet(env['LLMR_CONFIG'])) return { file: resolve(workingDirectory, env['LLMR_CONFIG']), origin: 'environment' }

  const nearby = join(workingDirectory, 'llmr.yaml')
  const found = stat(nearby)
  if (found !== undefined && (userId === undefined || found.ownerId === userId)) {
    return { file: nearby, origin: 'working directory' }
  }
  // Whoever can write to a folder that others work in must not be able to point their gateway elsewhere.
  const ignored = found && { file: nearby, reason: `it belongs to user ${found.ownerId}, llmr runs as ${userId}` }

  const candidates = [
    { file: join(xdgFolder(env['XDG_CONFIG_HOME'], join(homeDirectory, '.config')), 'llmr/llmr.yaml'), origin: 'user' },
    { file: '/etc/llmr/llmr.yaml', origin: 'system' },
  ] as const
  const candidate = candidates.find(({ file }) => stat(file) !== undefined) ?? { file: undefined, origin: 'none' }
  return { ...candidate, ...(ignored && { ignored }) }
}

/** Where llmr keeps what it makes: `LLMR_DATA`, `$STATE_DIRECTORY` (systemd), `$XDG_DATA_HOME/llmr`. Need not exist. */
export function dataDirectory({
  env,
  workingDirectory,
  homeDirectory,
}: Pick<Surroundings, 'env' | 'workingDirectory' | 'homeDirectory'>): string {
  if (isSet(env['LLMR_DATA'])) return resolve(workingDirectory, env['LLMR_DATA'])
  const [stateDirectory] = (env['STATE_DIRECTORY'] ?? '').split(':') // systemd lists several so
  if (isSet(stateDirectory)) return stateDirectory
  return join(xdgFolder(env['XDG_DATA_HOME'], join(homeDirectory, '.local/share')), 'llmr')
}

/** The XDG specification says that a relative path is to be ignored. */
function xdgFolder(value: string | undefined, fallback: string): string {
  return isSet(value) && isAbsolute(value) ? value : fallback
}

/** An empty variable is an unset one: that is how a unit file or a compose file takes one back. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
