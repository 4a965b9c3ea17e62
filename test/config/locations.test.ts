import { expect, test } from 'vitest'

import { dataDirectory, findConfigFile } from '../../src/config/locations.ts'
import type { Surroundings } from '../../src/config/locations.ts'

/** A machine with the files given, by owner. */
function machine(files: Record<string, number>, changes: Partial<Surroundings> = {}): Surroundings {
  return {
    env: {},
    workingDirectory: '/project',
    homeDirectory: '/home/me',
    userId: 1000,
    stat: (file) => (files[file] === undefined ? undefined : { ownerId: files[file] }),
    ...changes,
  }
}

const everywhere = { '/project/llmr.yaml': 1000, '/home/me/.config/llmr/llmr.yaml': 1000, '/etc/llmr/llmr.yaml': 0 }

test('the flag wins over the variable, the variable over every place', () => {
  const env = { LLMR_CONFIG: 'other.yaml' }
  expect(findConfigFile('a/b.yaml', machine(everywhere, { env }))).toEqual({
    file: '/project/a/b.yaml',
    origin: 'flag',
  })
  expect(findConfigFile(undefined, machine(everywhere, { env }))).toEqual({
    file: '/project/other.yaml',
    origin: 'environment',
  })
})

test('a file that was asked for is never replaced by another', () => {
  expect(findConfigFile('/nowhere.yaml', machine(everywhere)).file).toBe('/nowhere.yaml')
})

test('then come the working directory, the home and /etc', () => {
  const files: Record<string, number> = { ...everywhere }
  const found = Object.keys(everywhere).map((file) => {
    const location = findConfigFile(undefined, machine(files))
    delete files[file]
    return location
  })
  expect(found).toEqual([
    { file: '/project/llmr.yaml', origin: 'working directory' },
    { file: '/home/me/.config/llmr/llmr.yaml', origin: 'user' },
    { file: '/etc/llmr/llmr.yaml', origin: 'system' },
  ])
  expect(findConfigFile(undefined, machine({}))).toEqual({ file: undefined, origin: 'none' })
})

test("a file in the working directory that is somebody else's is passed over, and that is said", () => {
  for (const [owner, userId] of [
    [1001, 1000],
    [0, 1000],
    [1000, 0],
  ] as const) {
    const location = findConfigFile(undefined, machine({ ...everywhere, '/project/llmr.yaml': owner }, { userId }))
    expect(location).toMatchObject({ origin: 'user', ignored: { file: '/project/llmr.yaml' } })
    expect(location.ignored?.reason).toContain(String(owner))
  }
  expect(findConfigFile(undefined, machine(everywhere, { userId: undefined })).origin).toBe('working directory')
})

test('$XDG_CONFIG_HOME is used when it is absolute, and an empty variable is an unset one', () => {
  const files = { '/xdg/llmr/llmr.yaml': 1000, '/etc/llmr/llmr.yaml': 0 }
  const file = (env: Record<string, string>) => findConfigFile(undefined, machine(files, { env })).file
  expect(file({ XDG_CONFIG_HOME: '/xdg', LLMR_CONFIG: '' })).toBe('/xdg/llmr/llmr.yaml')
  expect(file({ XDG_CONFIG_HOME: 'xdg' })).toBe('/etc/llmr/llmr.yaml')
  expect(file({ XDG_CONFIG_HOME: '' })).toBe('/etc/llmr/llmr.yaml')
})

test.each([
  [{ LLMR_DATA: 'data', STATE_DIRECTORY: '/var/lib/llmr', XDG_DATA_HOME: '/xdg' }, '/project/data'],
  [{ LLMR_DATA: '', STATE_DIRECTORY: '/var/lib/llmr:/var/lib/other', XDG_DATA_HOME: '/xdg' }, '/var/lib/llmr'],
  [{ STATE_DIRECTORY: '', XDG_DATA_HOME: '/xdg' }, '/xdg/llmr'],
  [{ XDG_DATA_HOME: 'relative' }, '/home/me/.local/share/llmr'],
  [{}, '/home/me/.local/share/llmr'],
])('with %j data is kept in %s', (env, folder) => {
  expect(dataDirectory(machine({}, { env }))).toBe(folder)
})
