import { join } from 'node:path'

import { execute } from '@oclif/core'

import pjson from '../package.json' with { type: 'json' }

// Bundled into dist/bin/. Told where the package is and what it says of itself, oclif looks for neither.
await execute({ loadOptions: { root: join(import.meta.dirname, '../..'), pjson } })
