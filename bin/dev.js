import { execute, settings } from '@oclif/core'

import { sourceOptions } from './source-options.js'

settings.enableAutoTranspile = false
await execute({ development: true, dir: import.meta.url, loadOptions: sourceOptions() })
