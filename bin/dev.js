import { execute, settings } from '@oclif/core'

import { sourceOptions } from './source-options.js'

settings.enableAutoTranspile = false
// Not oclif's development mode: it would print a stack with every mistyped flag.
await execute({ dir: import.meta.url, loadOptions: sourceOptions() })
