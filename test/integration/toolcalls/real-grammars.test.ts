import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { replyFormats } from '../../../src/toolcalls/formats/reply-formats.ts'
import { realLlamaServer, type RunningLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { allMarkers, tryGrammar } from '../../support/toolcalls/grammar-trial.ts'
import { toolSets } from '../../support/toolcalls/tool-schemas.ts'

const engine = await realLlamaServer()
const formats = replyFormats.filter(({ calls, channels }) => calls.length > 0 || channels !== undefined)
const sets = Object.entries(toolSets)

describe.skipIf('skip' in engine)('a real llama-server with random weights, held to a grammar', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  let server: RunningLlamaServer

  beforeAll(async () => {
    const model = join(folder, 'tiny.gguf')
    writeFileSync(model, tinyGguf({ markers: allMarkers, endBias: 1 }))
    const path = 'path' in engine ? engine.path : ''
    server = await startLlamaServer(path, ['-m', model, '-c', '8192', '-np', '2', '--no-warmup'])
  })

  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  test.each(formats.map((format, at) => [format.id, format, at] as const))(
    'writes calls that fit their tools in the format %s, or is cut (N1.19)',
    async (_, format, at) => {
      const [, tools = []] = sets[at % sets.length] ?? []
      for (const mode of ['forced', 'lazy'] as const) {
        const result = await tryGrammar(server.url, {
          format,
          tools,
          strictness: 'full',
          mode,
          seed: at + 1,
          tokensMax: 300,
        })
        expect(result.status, result.text).toBe(200)
        expect(result.problems, result.text).toEqual([])
        if (mode === 'forced' && result.stop !== 'limit') expect(result.calls, result.text).toBe(1)
      }
    },
  )
})
