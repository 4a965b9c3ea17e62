import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseHelp } from '../../src/profiles/flags/parse-help.ts'

const folder = join(import.meta.dirname, '../fixtures/profiles')

/** Part of the help of llama-server 0.7.0 (build 11669), as it prints it. */
export const newFlags = parseHelp(readFileSync(join(folder, 'llama-server-help.txt'), 'utf8'), 'llama-server')

/** Part of the help of a build of 2025: separate switches for loading, and flash attention without a value. */
export const oldFlags = parseHelp(readFileSync(join(folder, 'older-help.txt'), 'utf8'), 'old-llama-server')
