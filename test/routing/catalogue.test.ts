import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { backendOf, catalogueOf, modelOf, places } from './samples.ts'

describe('what a name means', () => {
  test('a model that a backend reports needs no entry', () => {
    const catalogue = catalogueOf([backendOf('gpu0', ['qwen3-8b']), backendOf('gpu1', ['qwen3-8b', 'phi'])])
    expect(places(catalogue.resolve('qwen3-8b')?.candidates ?? [])).toEqual(['gpu0/qwen3-8b', 'gpu1/qwen3-8b'])
    expect(catalogue.resolve('llama')).toBeUndefined()
  })

  test('an exact name beats an alias, an alias beats a pattern, a pattern beats what a backend reports', () => {
    const backends = [backendOf('gpu0', ['one', 'two', 'three', 'gpt-4', 'gpt-4o', 'gpt-5', 'gpt-6'])]
    const entries = {
      'gpt-4': { upstream: 'one' },
      two: { aliases: ['gpt-4', 'gpt-4o'] },
      'gpt-*': { upstream: 'three' },
    }
    const catalogue = catalogueOf(backends, entries)
    const upstream = (name: string) => catalogue.resolve(name)?.candidates[0]?.model
    expect(upstream('gpt-4')).toBe('one')
    expect(upstream('gpt-4o')).toBe('two')
    expect(upstream('gpt-5')).toBe('three')
    expect(catalogueOf(backends).resolve('gpt-6')?.candidates[0]?.model).toBe('gpt-6')
  })

  test('the longer of two patterns wins, and of equally long ones the earlier (N3.2)', () => {
    const catalogue = catalogueOf([backendOf('gpu0', ['a', 'b', 'c', 'd'])], {
      '*': { upstream: 'a' },
      'qwen*': { upstream: 'b' },
      'qwen3-*': { upstream: 'c' },
      'qwen3-?': { upstream: 'd' },
    })
    const upstream = (name: string) => catalogue.resolve(name)?.candidates[0]?.model
    expect(upstream('llama')).toBe('a')
    expect(upstream('qwen2')).toBe('b')
    expect(upstream('qwen3-8')).toBe('c')
  })

  test('a pattern chooses the backend (N3.2)', () => {
    const reported = ['qwen3-8b', 'nemotron-mini']
    const catalogue = catalogueOf([backendOf('llamacpp', reported), backendOf('vllm', reported)], {
      'qwen3-*': { backends: ['vllm'] },
      'nemotron-*': { backends: ['llamacpp'] },
    })
    expect(places(catalogue.resolve('qwen3-8b')?.candidates ?? [])).toEqual(['vllm/qwen3-8b'])
    expect(places(catalogue.resolve('nemotron-mini')?.candidates ?? [])).toEqual(['llamacpp/nemotron-mini'])
  })

  test('a name that a pattern sends to one backend does not go to another that reports it', () => {
    const catalogue = catalogueOf([backendOf('vllm', ['phi']), backendOf('ollama', ['qwen3-8b'])], {
      'qwen3-*': { backends: ['vllm'] },
    })
    expect(catalogue.resolve('qwen3-8b')?.candidates).toEqual([])
  })

  test('the order of `backends` is the order of preference, wildcards included', () => {
    const backends = ['a1', 'b', 'a2', 'c'].map((name) => backendOf(name, ['m']))
    const order = (...list: string[]) =>
      catalogueOf(backends, { m: { backends: list } })
        .resolve('m')
        ?.candidates.map(({ backend }) => backend)
    expect(order('c', 'a*')).toEqual(['c', 'a1', 'a2'])
    expect(order('a*', 'c', 'a1')).toEqual(['a1', 'a2', 'c'])
    expect(order('nobody')).toEqual([])
  })

  test('`upstream` renames for the engine, and only for it', () => {
    const model = catalogueOf([backendOf('gpu0', ['Qwen2.5-Coder-7B-Q4_K_M.gguf'])], {
      coder: { upstream: 'Qwen2.5-Coder-7B-Q4_K_M.gguf', aliases: ['code'] },
    }).resolve('code')
    expect(model?.name).toBe('coder')
    expect(model?.foundBy).toBe('alias of coder')
    expect(places(model?.candidates ?? [])).toEqual(['gpu0/Qwen2.5-Coder-7B-Q4_K_M.gguf'])
  })
})

describe('names in the manner of Ollama', () => {
  const catalogue = catalogueOf([backendOf('ollama', ['qwen3:latest', 'qwen3:8b', 'phi'])])

  test('a name without a tag means `:latest`, in both directions', () => {
    expect(places(catalogue.resolve('qwen3')?.candidates ?? [])).toEqual(['ollama/qwen3:latest'])
    expect(places(catalogue.resolve('phi:latest')?.candidates ?? [])).toEqual(['ollama/phi'])
    expect(places(catalogue.resolve('qwen3:8b')?.candidates ?? [])).toEqual(['ollama/qwen3:8b'])
    expect(catalogue.resolve('qwen3:4b')).toBeUndefined()
  })

  test('an entry is found with or without the tag', () => {
    const named = catalogueOf([backendOf('gpu0', ['x'])], { 'qwen3:latest': { upstream: 'x' }, phi: { upstream: 'x' } })
    expect(named.resolve('qwen3')?.name).toBe('qwen3:latest')
    expect(named.resolve('phi:latest')?.name).toBe('phi')
  })

  test('a plain name in a backend’s list admits its `:latest`', () => {
    const narrow = catalogueOf([backendOf('ollama', ['qwen3:latest', 'phi'], { modelGlobs: ['qwen3'] })])
    expect(places(narrow.resolve('qwen3')?.candidates ?? [])).toEqual(['ollama/qwen3:latest'])
    expect(narrow.resolve('phi')).toBeUndefined()
  })
})

describe('letter case', () => {
  test('another case is forgiven when it leaves one model', () => {
    const catalogue = catalogueOf([backendOf('gpu0', ['Qwen/Qwen3-8B'])], { Fast: { upstream: 'Qwen/Qwen3-8B' } })
    expect(catalogue.resolve('qwen/qwen3-8b')?.name).toBe('Qwen/Qwen3-8B')
    expect(catalogue.resolve('FAST:LATEST')?.name).toBe('Fast')
    expect(catalogue.resolve('fast')?.foundBy).toBe('named, letter case ignored')
  })

  test('names that differ only in case stay apart', () => {
    const catalogue = catalogueOf([backendOf('gpu0', ['Phi', 'phi'])])
    expect(catalogue.resolve('Phi')?.candidates[0]?.model).toBe('Phi')
    expect(catalogue.resolve('phi')?.candidates[0]?.model).toBe('phi')
    expect(catalogue.resolve('PHI')).toBeUndefined()
  })

  test('a name in another case beats a pattern that has no backend, unless the pattern claims that name too', () => {
    const backends = [backendOf('gpu0', ['Qwen3-8B'])]
    expect(catalogueOf(backends, { 'qwen*': {} }).resolve('qwen3-8b')?.name).toBe('Qwen3-8B')
    expect(catalogueOf(backends, { 'qwen*': {} }).resolve('qwen3-9b')?.candidates).toEqual([])
    const claimed = catalogueOf(backends, { '*': { backends: ['elsewhere'] } }).resolve('qwen3-8b')
    expect(claimed).toMatchObject({ foundBy: 'pattern *', candidates: [] })
  })
})

describe('which backends count', () => {
  test('a backend whose globs exclude a name never gets it, however it is asked for', () => {
    const backends = [backendOf('work', ['secret', 'public'], { modelGlobs: ['pub*'] })]
    const catalogue = catalogueOf(backends, { alias: { upstream: 'secret' }, secret: { backends: ['work'] } })
    expect(catalogue.resolve('secret')?.candidates).toEqual([])
    expect(catalogue.resolve('alias')?.candidates).toEqual([])
    expect(places(catalogue.resolve('public')?.candidates ?? [])).toEqual(['work/public'])
  })

  test('a plain name in the globs counts as present though the backend lists nothing', () => {
    const catalogue = catalogueOf([backendOf('cloud', [], { modelGlobs: ['gpt-4o', 'o*'] })])
    expect(places(catalogue.resolve('gpt-4o')?.candidates ?? [])).toEqual(['cloud/gpt-4o'])
    expect(catalogue.resolve('gpt-4o')?.candidates[0]?.description).toBeUndefined()
    expect(catalogue.resolve('o3')).toBeUndefined()
  })

  test('a backend that has said nothing yet is taken at the operator’s word, one that lists other models is not', () => {
    const entries = { coder: { backends: ['gpu0'] } }
    expect(places(catalogueOf([backendOf('gpu0')], entries).resolve('coder')?.candidates ?? [])).toEqual(['gpu0/coder'])
    expect(
      places(
        catalogueOf([backendOf('gpu0')], { coder: { backends: ['gpu0', '*'] } }).resolve('coder')?.candidates ?? [],
      ),
    ).toEqual(['gpu0/coder'])
    expect(catalogueOf([backendOf('gpu0', ['llama'])], entries).resolve('coder')?.candidates).toEqual([])
    expect(catalogueOf([backendOf('gpu0')], { coder: { backends: ['gpu*'] } }).resolve('coder')?.candidates).toEqual([])
  })

  test('the operator’s facts fill in what a backend leaves unsaid and never overrule it', () => {
    const backends = [
      backendOf('says', [modelOf('m', { contextLength: 8192, capabilities: { vision: false, chat: undefined } })]),
      backendOf('silent', ['m']),
      backendOf('default', ['m'], { contextLength: 2048 }),
    ]
    const entries = { m: { contextLength: 4096, capabilities: ['vision', 'chat'] as const } }
    const [says, silent] = catalogueOf(backends, entries).resolve('m')?.candidates ?? []
    expect(says?.description).toMatchObject({ contextLength: 8192, capabilities: { vision: false, chat: true } })
    expect(silent?.description).toMatchObject({ contextLength: 4096, capabilities: { vision: true, chat: true } })
    expect(catalogueOf(backends).resolve('m')?.candidates[2]?.description?.contextLength).toBe(2048)
  })
})

describe('a model’s own zone', () => {
  const cloud = backendOf('cloud', ['m'], { trust: 'cloud' })
  const lan = backendOf('lan', ['m'], { trust: 'lan' })

  test('is the narrowest of the backends that have it', () => {
    expect(catalogueOf([cloud, lan]).resolve('m')?.zone).toBe('lan')
    expect(catalogueOf([cloud]).resolve('m')?.zone).toBe('cloud')
  })

  test('is that of the backends listed first, whatever else is listed', () => {
    const zone = (...backends: string[]) => catalogueOf([cloud, lan], { m: { backends } }).resolve('m')?.zone
    expect(zone('cloud', 'lan')).toBe('cloud')
    expect(zone('lan', 'cloud')).toBe('lan')
    expect(zone('*')).toBe('lan')
    expect(zone('nowhere', 'cloud', 'lan')).toBe('cloud')
  })

  test('does not widen because the first backend is off', () => {
    const off = backendOf('lan', [], { trust: 'lan' })
    const model = catalogueOf([cloud, off], { m: { backends: ['lan*', 'cloud'] } }).resolve('m')
    expect(places(model?.candidates ?? [])).toEqual(['cloud/m'])
    expect(model?.zone).toBe('lan')
  })

  test('of a virtual model is that of its general pick', () => {
    const entries = { auto: { pick: { general: 'm', long: 'big' } } }
    expect(catalogueOf([lan, backendOf('far', ['big'], { trust: 'cloud' })], entries).resolve('auto')?.zone).toBe('lan')
    expect(catalogueOf([], entries).resolve('auto')?.zone).toBe('local')
  })

  test('of a virtual model that picks itself is found without going round in circles', () => {
    const catalogue = catalogueOf([lan], { a: { pick: { general: 'b' } }, b: { pick: { general: 'a' } } })
    expect(catalogue.resolve('a')?.zone).toBe('local')
  })
})

describe('the list of models', () => {
  test('holds what some backend has, entries first, and leaves out the unlisted', () => {
    const catalogue = catalogueOf([backendOf('gpu0', ['raw', 'hidden-1', 'coder.gguf'])], {
      coder: { upstream: 'coder.gguf', aliases: ['code'] },
      gone: { backends: ['nowhere'] },
      'coder.gguf': { isUnlisted: true },
      'hidden-*': { isUnlisted: true },
      auto: { pick: { general: 'raw' } },
      lost: { pick: { general: 'gone' } },
    })
    const ids = catalogue.list().map(({ id }) => id)
    expect(ids).toEqual(['coder', 'auto', 'raw'])
    expect(catalogue.list()[0]?.aliases).toEqual(['code'])
    expect(catalogue.list()[1]).toMatchObject({ isVirtual: true, backends: ['gpu0'] })
    expect(catalogue.resolve('hidden-1')?.candidates).toHaveLength(1)
  })

  test('names one model once, however backends and entries tag it', () => {
    const catalogue = catalogueOf([backendOf('a', ['phi:latest', 'qwen3']), backendOf('b', ['qwen3:latest'])], {
      phi: {},
    })
    expect(catalogue.list().map(({ id, backends }) => [id, ...backends])).toEqual([
      ['phi', 'a'],
      ['qwen3', 'a', 'b'],
    ])
  })

  test('promises the smallest context that a request may meet (N4.14)', () => {
    const sized = (contextLength: number) => [modelOf('m', { contextLength })]
    const backends = [
      backendOf('small', sized(8192)),
      backendOf('large', sized(32_768)),
      backendOf('silent', ['m']),
      backendOf('cloud', sized(4096), { trust: 'cloud' }),
    ]
    expect(catalogueOf(backends).list()[0]?.contextLength).toBe(8192)
    expect(catalogueOf([backendOf('silent', ['m'])]).list()[0]?.contextLength).toBeUndefined()
  })

  test('promises for a virtual model what its largest pick can take, the background pick aside', () => {
    const sizes = { general: 8192, long: 65_536, background: 131_072 }
    const models = Object.entries(sizes).map(([id, contextLength]) => modelOf(id, { contextLength }))
    const pick = { general: 'general', long: 'long', background: 'background' }
    const [auto] = catalogueOf([backendOf('gpu0', models)], { auto: { pick } }).list()
    expect(auto?.contextLength).toBe(65_536)
  })

  test('merges what backends say: one yes is a yes, only all noes are a no', () => {
    const [model] = catalogueOf([
      backendOf('a', [modelOf('m', { isLoaded: false, capabilities: { tools: true, vision: false, chat: false } })]),
      backendOf('b', [modelOf('m', { isLoaded: true, capabilities: { tools: false, vision: false } })]),
    ]).list()
    expect(model?.capabilities).toMatchObject({ tools: true, vision: false })
    expect(model?.capabilities.chat).toBeUndefined()
    expect(model?.isLoaded).toBe(true)
  })

  test('names only what can be resolved to a backend, and is made once', () => {
    fc.assert(
      fc.property(catalogues, (catalogue) => {
        const list = catalogue.list()
        expect(catalogue.list()).toBe(list)
        expect(new Set(list.map(({ id }) => id)).size).toBe(list.length)
        for (const { id, isVirtual, backends } of list) {
          const own = new Set(catalogue.resolve(id)?.candidates.map(({ backend }) => backend))
          expect(backends.length).toBeGreaterThan(0)
          expect(isVirtual ? [] : backends).toEqual([...own])
        }
      }),
    )
  })
})

describe('a name that is not there', () => {
  const catalogue = catalogueOf([backendOf('gpu0', ['qwen3-8b', 'qwen3-32b', 'llama-3.1-8b', 'phi-4', 'private'])], {
    coder: { upstream: 'phi-4', aliases: ['gpt-4o'] },
    private: { isUnlisted: true },
  })

  test('brings up to three close ones, closest first (N2.8)', () => {
    expect(catalogue.nearest('qwen3-8')[0]).toBe('qwen3-8b')
    expect(catalogue.nearest('gpt4o')).toEqual(['gpt-4o'])
    expect(catalogueOf([backendOf('gpu0', ['Qwen/QwQ'])]).nearest('qwen/qwx')).toEqual(['Qwen/QwQ'])
    expect(catalogue.nearest('qwen')).toEqual(['qwen3-8b', 'qwen3-32b'])
    expect(catalogue.nearest('Phi-4-instruct')[0]).toBe('phi-4')
    expect(catalogue.nearest('something else entirely')).toEqual([])
    expect(catalogueOf([backendOf('gpu0', ['abcdexx', 'abcdefgh', 'abcdefg-and-more'])]).nearest('abcdefg')).toEqual([
      'abcdefgh',
      'abcdexx',
      'abcdefg-and-more',
    ])
  })

  test('brings none that the asker may not use or that is not listed', () => {
    expect(catalogue.nearest('qwen3', (id) => id !== 'qwen3-8b')).toEqual(['qwen3-32b'])
    expect(catalogue.nearest('privat')).toEqual([])
  })

  test('costs nothing when it is absurd', () => {
    expect(catalogue.resolve('x'.repeat(257))).toBeUndefined()
    expect(catalogueOf([backendOf('gpu0', ['m'])], { '*': { upstream: 'm' } }).resolve('')).toBeUndefined()
    expect(catalogue.nearest('')).toEqual([])
    expect(catalogue.nearest('q'.repeat(1_000_000))).toEqual([])
  })
})

test('asking again gives the same value, and any number of made-up names does no harm', () => {
  const catalogue = catalogueOf([backendOf('gpu0', ['m'])], { 'any-*': { upstream: 'm' } })
  const first = catalogue.resolve('m')
  const guessed = catalogue.resolve('any-thing')
  expect(catalogue.resolve('any-thing')).toBe(guessed)
  for (let index = 0; index < 3_000; index++) catalogue.resolve(`any-${index}`)
  expect(catalogue.resolve('m')).toBe(first)
  // Its place was taken, its meaning was not.
  expect(catalogue.resolve('any-thing')).not.toBe(guessed)
  expect(catalogue.resolve('any-thing')).toEqual(guessed)
})

test('resolving never throws, and never hands a name to a backend that excludes it', () => {
  fc.assert(
    fc.property(fc.gen(), fc.string(), (draw, name) => {
      const catalogue = draw(() => catalogues)
      for (const { backend, model } of catalogue.resolve(name)?.candidates ?? []) {
        expect([backend, model]).not.toContain('excluded')
      }
    }),
  )
})

const names = fc.constantFrom('a', 'b', 'A', 'a:latest', 'ab', 'excluded', 'auto')
const catalogues = fc
  .record({
    backends: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('x', 'y', 'z'), models: fc.uniqueArray(names), trust: trusts() }),
      { selector: ({ name }) => name },
    ),
    entries: fc.dictionary(
      fc.constantFrom('a', 'b', 'a*', '*', 'ab', 'auto'),
      fc.record(
        {
          backends: fc.array(fc.constantFrom('x', 'y', '*', 'z?')),
          upstream: names,
          aliases: fc.array(names, { maxLength: 2 }),
          pick: fc.record({ general: names }),
          isUnlisted: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map(({ backends, entries }) =>
    catalogueOf(
      backends.map(({ name, models, trust }) =>
        backendOf(name, models, { trust, modelGlobs: ['a*', 'A', 'b', 'auto'] }),
      ),
      entries,
    ),
  )

function trusts() {
  return fc.constantFrom('local' as const, 'lan' as const, 'cloud' as const)
}
