import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { deriveFormat } from '../../../src/toolcalls/templates/derive-format.ts'
import { corpusFile, readRows } from '../../support/toolcalls/corpus.ts'
import { differencesOf, type ProfileRow } from '../../support/toolcalls/profile-row.ts'

/** `node test/bench/toolcalls/templates.ts <folder of .jinja files>`: how many templates get the profile that llama.cpp gives them. */
const path = corpusFile('template_profiles.jsonl')
const folder = process.argv[2] ?? ''
if (path === undefined || !existsSync(folder)) console.log('no corpus, or no folder of templates: skipped')
else {
  const rows = readRows<ProfileRow>(path)
  const results = rows.map(({ template, ...row }) => {
    const derived = deriveFormat(readFileSync(join(folder, template), 'utf8'))
    return { template, id: derived.format.id, differences: differencesOf({ template, ...row }, derived) }
  })
  for (const { template, id, differences } of results)
    console.log(`${template.padEnd(56)} ${id.padEnd(18)} ${differences.join(', ')}`)
  console.log(`${results.filter(({ differences }) => differences.length === 0).length}/${rows.length} equal`)
}
