import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readGatewayFile, removeGatewayFile, writeGatewayFile } from '../../../src/gateway/operating/gateway-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const content = { url: 'http://127.0.0.1:8411', pid: 7, instance_id: 'first', admin_key: 'llmr_secret' }

test('what is written is read again, and only its owner can read it', () => {
  const folder = join(temporaryFolder(), 'data')
  writeGatewayFile(folder, content)
  expect(readGatewayFile(folder)).toEqual(content)
  expect(statSync(join(folder, 'gateway.json')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('a file that a crashed gateway left readable is replaced by one that is not', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'gateway.json')
  writeFileSync(file, '{"url":"old"}', { mode: 0o644 })
  writeGatewayFile(folder, content)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).not.toContain('old')
})

test('a gateway removes its own file and leaves that of a later one', () => {
  const folder = temporaryFolder()
  writeGatewayFile(folder, { ...content, instance_id: 'second' })
  removeGatewayFile(folder, 'first')
  expect(readGatewayFile(folder)?.instance_id).toBe('second')
  removeGatewayFile(folder, 'second')
  removeGatewayFile(folder, 'second')
  expect(existsSync(join(folder, 'gateway.json'))).toBe(false)
})

test.each(['', '{', 'null', '[]', '{"url":"x"}', '{"url":1,"instance_id":"a","admin_key":"b"}'])(
  'a file that holds %j says nothing',
  (text) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'gateway.json'), text)
    expect(readGatewayFile(folder)).toBeUndefined()
  },
)

test('no folder, or a folder in its place, says nothing either', () => {
  const folder = temporaryFolder()
  expect(readGatewayFile(join(folder, 'nowhere'))).toBeUndefined()
  mkdirSync(join(folder, 'gateway.json'))
  expect(readGatewayFile(folder)).toBeUndefined()
})
