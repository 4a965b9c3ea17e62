import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

import { packageRoot } from '../core/package-root.ts'

export interface PageFile {
  readonly contentType: string
  readonly body: Buffer
  readonly etag: string
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

let files: ReadonlyMap<string, PageFile> | undefined

/** A file of the page by its name; the page itself by none. Read when somebody first looks, and kept: some 40 KB. */
export function pageFile(name: string): PageFile | undefined {
  files ??= readFiles(join(packageRoot(), 'src/web/page'))
  return files.get(name === '' ? 'index.html' : name)
}

function readFiles(folder: string): ReadonlyMap<string, PageFile> {
  const names = readdirSync(folder).filter((name) => Object.hasOwn(contentTypes, extname(name)))
  return new Map(
    names.map((name): [string, PageFile] => {
      const body = readFileSync(join(folder, name))
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      return [name, { contentType: contentTypes[extname(name)] ?? '', body, etag }]
    }),
  )
}
