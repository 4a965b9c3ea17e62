import { ConfigError } from '../../src/config/config-error.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { ParsedConfig, ProfileFile } from '../../src/config/parse-config.ts'

export interface ProfileTexts {
  /** llmr.yaml */
  readonly own: string
  /** Further files by name. */
  readonly files?: Readonly<Record<string, string>>
  readonly shipped?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

/** The files as they would be read from /etc/llmr. */
export function parseProfiles({ own, files = {}, shipped = {}, env = {} }: ProfileTexts): ParsedConfig {
  const profileFiles: ProfileFile[] = [
    ...Object.entries(files).map(([name, text]) => ({ file: `/etc/llmr/profiles/${name}`, text, isShipped: false })),
    ...Object.entries(shipped).map(([name, text]) => ({ file: `/shipped/${name}`, text, isShipped: true })),
  ]
  return parseConfig({ text: own, file: '/etc/llmr/llmr.yaml', backendKinds: ['llama.cpp'], env, profileFiles })
}

/** `file:line:column path: message` of everything that is wrong. */
export function profileProblems(texts: ProfileTexts): readonly string[] {
  try {
    parseProfiles(texts)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ file, line, column, path, message }) => {
      return `${file.split('/').at(-1)}:${line}:${column} ${path}: ${message}`
    })
  }
}
