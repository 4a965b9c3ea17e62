import { stringify } from 'yaml'

import type { Imported } from './imported.ts'

/** As a file for llmr, with the notes above it. Lists of words stay on one line, as people write them. */
export function renderImport({ document, notes }: Imported): string {
  const head = notes.map((note) => `# ${note.replaceAll(/\s*\n\s*/g, ' ')}\n`).join('')
  return head + stringify(document, { lineWidth: 0, collectionStyle: 'any', flowCollectionPadding: false })
}
