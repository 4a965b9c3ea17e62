#!/usr/bin/env node
// CommonJS, and nothing is imported before the check: static imports are hoisted, and an old Node must be told
// in one sentence (or helped) before it meets syntax and packages that it cannot read.
'use strict'

const wanted = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) {
  start()
} else {
  runOnBundledNode()
}

function start() {
  const [first, second] = process.argv.slice(2)
  if (first === '--version' && second === undefined) {
    const { name, version } = require('../package.json')
    console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`)
    return
  }
  require('node:module').enableCompileCache()
  // A checkout has the sources and runs them; a dist/ left over from a build must not shadow what was just edited.
  const isCheckout = require('node:fs').existsSync(require('node:path').join(__dirname, '../commands'))
  import(isCheckout ? './dev.js' : '../dist/bin/main.js').catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
}

/** Re-runs this program on the Node that npm installed beside it (optionalDependencies); about 65 ms. */
function runOnBundledNode() {
  let node
  try {
    const path = require('node:path')
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`)
    node = path.join(path.dirname(manifest), 'bin', 'node')
  } catch {
    console.error(
      `llmr needs Node.js ${wanted.join('.')} or newer; this is ${process.version} at ${process.execPath}.\n` +
        'Run it with `npm exec llmr` after `npm ci`, or install Node 24.',
    )
    process.exitCode = 1
    return
  }
  const child = require('node:child_process').spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`llmr could not start ${node}: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
}
