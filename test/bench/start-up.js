// What a start of each command costs, as a ratio to `node -e 0` in the same run: processor time, since wall time on a
// shared machine says little. Takes the folder into which the package was installed, as users have it, or a checkout.
//
//   npm pack && mkdir /tmp/installed && npm install --prefix /tmp/installed ./llmr-*.tgz
//   node test/bench/start-up.js /tmp/installed
//   node test/bench/start-up.js .
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const runs = 21
const installed = process.argv[2]
if (installed === undefined) {
  console.error('usage: node test/bench/start-up.js FOLDER')
  process.exit(2)
}
const launcher = ['node_modules/llmr/bin/run.cjs', 'bin/run.cjs']
  .map((file) => resolve(installed, file))
  .find(existsSync)
const data = mkdtempSync(join(tmpdir(), 'llmr-bench-'))
const environment = { ...process.env, LLMR_DATA: data }
const config = join(data, 'llmr.yaml')
writeFileSync(config, 'backends: { box: { url: "http://127.0.0.1:8080", kind: llama.cpp } }\n')

/** Allowed ratio to `node -e 0`. */
const commands = [
  { name: '--version', args: ['--version'], bound: 1.5 },
  { name: '--help', args: ['--help'], bound: 4.5 },
  { name: 'keys list', args: ['keys', 'list'], bound: 4.5 },
  { name: 'config check', args: ['config', 'check', config], bound: 4.5 },
  { name: 'models list', args: ['models', 'list'], bound: 4.5 },
  { name: 'profiles list', args: ['profiles', 'list'], bound: 4.5 },
  { name: 'route explain --help', args: ['route', 'explain', '--help'], bound: 4.5 },
]

const base = median(() => cpuMs(['-e', '0']))
console.log(`node -e 0             ${base.toFixed(0).padStart(5)} ms   1.0 x`)
for (const { name, args, bound } of commands) {
  const cost = median(() => cpuMs([launcher, ...args]))
  const ratio = cost / base
  const verdict = ratio <= bound ? 'within' : 'ABOVE'
  console.log(
    `${name.padEnd(22)}${cost.toFixed(0).padStart(5)} ms  ${ratio.toFixed(1).padStart(4)} x  ${verdict} ${bound} x`,
  )
}

/** User and system time of one run, as the shell's own `time` reports it. */
function cpuMs(args) {
  const result = spawnSync(
    '/usr/bin/env',
    ['bash', '-c', `TIMEFORMAT='%U %S'; time "$0" "$@" >/dev/null 2>&1`, process.execPath, ...args],
    {
      env: environment,
      encoding: 'utf8',
    },
  )
  const [user = 0, system = 0] = result.stderr.trim().split(' ').map(Number)
  return (user + system) * 1000
}

function median(measure) {
  measure() // fills caches
  const values = Array.from({ length: runs }, measure).sort((one, other) => one - other)
  return values[Math.floor(runs / 2)]
}
