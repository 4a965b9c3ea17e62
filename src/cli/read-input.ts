import { readFile } from 'node:fs/promises'

import { CliError } from './cli-error.ts'

/** The text of a file, or of stdin for `-`. @throws CliError `input_unreadable` */
export async function readInput(file: string): Promise<string> {
  const { text } = await import('node:stream/consumers')
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (cause) {
    throw new CliError(`${file} cannot be read.`, {
      code: 'input_unreadable',
      exitCode: 2,
      nextSteps: ['Give the path of a file, or - to read from a pipe.'],
      cause,
    })
  }
}
