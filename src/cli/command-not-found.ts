import type { Hook } from '@oclif/core'

import { nearestName } from '../core/nearest-name.ts'

/** Called by oclif for a command that does not exist: says which one was probably meant, and exits 2. */
const commandNotFound: Hook.CommandNotFound = async ({ id, config, context }) => {
  const asked = id.replaceAll(':', ' ')
  const names = config.commandIDs.map((known) => known.replaceAll(':', ' '))
  const near = nearestName(asked, names)
  const hint = near === undefined ? '' : ` Did you mean \`llmr ${near}\`?`
  context.error(`There is no command "${asked}".${hint} \`llmr --help\` lists what there is.`, { exit: 2 })
}

export default commandNotFound
