#!/usr/bin/env node
// Writes a tiny model for a real llama-server: node tiny-gguf.mjs OUT.gguf [name=tiny] [seed=1] [contextLength=8192]
// [pooling=none|mean|rank] [endBias=4] [callBias=-12]
import { writeFileSync } from 'node:fs'

import { tinyGguf } from './tiny-gguf.ts'

const [out, ...pairs] = process.argv.slice(2)
if (!out) {
  console.error('usage: tiny-gguf.mjs OUT.gguf [key=value ...]')
  process.exit(2)
}
const isText = (key) => key === 'name' || key === 'pooling'
const model = Object.fromEntries(
  pairs.map((pair) => pair.split('=')).map(([key, value]) => [key, isText(key) ? value : Number(value)]),
)
writeFileSync(out, tinyGguf(model))
console.log(out)
