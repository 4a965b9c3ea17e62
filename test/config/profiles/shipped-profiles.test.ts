import { expect, test } from 'vitest'

import { parseConfig } from '../../../src/config/parse-config.ts'
import { readProfileFiles } from '../../../src/config/profiles/read-profile-files.ts'
import { launchProfile } from '../../../src/gateway/configure/profile-settings.ts'
import { checkFlags } from '../../../src/profiles/check/check-flags.ts'
import { knownFlags } from '../../../src/profiles/flags/known-flags.ts'
import { families } from '../../../src/profiles/import/family-of.ts'

const profileFiles = await readProfileFiles({ configFile: undefined, text: '', isAll: true })

function parse(text: string) {
  return parseConfig({ text, file: '/etc/llmr/llmr.yaml', backendKinds: [], env: {}, profileFiles })
}

const { templates } = parse('')

test('what llmr brings is templates only, so nothing is launched that nobody asked for', () => {
  expect(Object.keys(parse('').config.profiles)).toEqual([])
  expect(Object.keys(templates).length).toBeGreaterThan(25)
})

test.each(Object.keys(templates))(
  'the template %s becomes a profile with a path alone, and llama-server knows its flags',
  (name) => {
    const { config, warnings } = parse(`profiles: {mine: {extends: ${name}, model: /srv/m.gguf}}`)
    const profile = config.profiles['mine']
    expect(warnings).toEqual([])
    expect(profile?.tags.length).toBeGreaterThan(0)
    expect(profile && checkFlags(launchProfile('mine', profile), knownFlags())).toEqual([])
  },
)

test('every family that is recognised has its template', () => {
  expect(families.filter(({ template }) => !Object.hasOwn(templates, template))).toEqual([])
})

test('embeddings take a whole input in one batch, whatever its length is set to', () => {
  const { config } = parse('profiles: {e: {extends: bge, model: /m.gguf, macros: {longest: 512}}}')
  expect(config.profiles['e']).toMatchObject({ context: 512, flags: { 'batch-size': 512, 'ubatch-size': 512 } })
})

test('they are read only when something may extend one', async () => {
  expect(await readProfileFiles({ configFile: undefined, text: 'profiles: {}', isAll: false })).toEqual([])
  const files = await readProfileFiles({ configFile: undefined, text: 'profiles: {a: {extends: qwen3}}', isAll: false })
  expect(files.length).toBe(profileFiles.length)
})
