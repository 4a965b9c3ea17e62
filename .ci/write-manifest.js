// What is made for a release and never committed: oclif's command manifest (a start without it reads every command
// file) and the build's own name, which /healthz and `llmr --version` users can tell apart.
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Config } from '@oclif/core'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifestFile = `${root}/oclif.manifest.json`

if (process.argv.includes('--remove')) {
  rmSync(manifestFile, { force: true })
} else {
  const config = await Config.load({ root, ignoreManifest: true })
  const plugin = config.plugins.get(config.pjson.name)
  writeFileSync(manifestFile, JSON.stringify(plugin.manifest))
  writeFileSync(`${root}/dist/build.json`, JSON.stringify({ commit: commit() }))
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown' // a source archive without git
  }
}
