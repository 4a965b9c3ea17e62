import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { packageRoot } from '../../core/package-root.ts'

/** A step of the schema, as this llmr knows it. */
export interface Migration {
  readonly number: number
  /** `0001-stored-response`; its file has `.sql` after it. */
  readonly name: string
  readonly text: string
  /** Of the text with line ends as LF, in hex. */
  readonly sha256: string
}

const filePattern = /^(\d{4})-[a-z0-9-]+\.sql$/

/** The package's migrations in the order of their numbers, which are 1, 2, 3 and so on. */
export async function readMigrations(
  folder: string = join(packageRoot(), 'migrations'),
): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => filePattern.test(name)).toSorted()
  return Promise.all(
    names.map(async (file) => {
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n')
      return {
        number: Number(file.slice(0, 4)),
        name: file.slice(0, -'.sql'.length),
        text,
        sha256: createHash('sha256').update(text).digest('hex'),
      }
    }),
  )
}
