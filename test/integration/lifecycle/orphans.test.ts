import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { ChildJournal } from '../../../src/lifecycle/process/child-journal.ts'
import { endOrphans } from '../../../src/lifecycle/process/end-orphans.ts'
import { readGroup, readIdentity } from '../../../src/lifecycle/process/process-table.ts'
import type { ProcessIdentity } from '../../../src/lifecycle/process/process-table.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { isRunning, supervise } from './engines.ts'

const mark = '01234567-89ab-4cde-8f01-23456789abcd'

/** No process has this start time. */
const deadOwner: ProcessIdentity = { ...identityOf(process.pid), startTime: '1' }

test('what a killed llmr has left running is ended by the next one, and its journal is empty then', async () => {
  const dataDirectory = temporaryFolder()
  const program = join(import.meta.dirname, 'exits-at-once.ts')
  const llmr = spawn(process.execPath, [program, 'dies', dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = (await once(llmr.stdout, 'data')) as [Buffer]
  await once(llmr, 'exit')
  const orphan = Number(printed)
  await expect.poll(() => readGroup(orphan)).toHaveLength(2)

  await supervise([], { dataDirectory })
  expect(readGroup(orphan)).toEqual([])
  expect(readdirSync(join(dataDirectory, 'engines'))).toEqual([])
})

test('a process that only has the number of an engine is left alone', async () => {
  const { journal, pid } = await bystander()
  journal.record({ model: 'tiny', child: { ...identityOf(pid), startTime: '1' }, owner: deadOwner, mark })
  expect(await endOrphans({ journal, logger: silentLogger })).toEqual([])
  expect(isRunning(pid)).toBe(true)
  expect(journal.entries()).toEqual([])
})

test('one from before the machine was started anew is left alone', async () => {
  const { journal, pid } = await bystander()
  journal.record({ model: 'tiny', child: { ...identityOf(pid), bootId: 'another' }, owner: deadOwner, mark })
  expect(await endOrphans({ journal, logger: silentLogger })).toEqual([])
  expect(isRunning(pid)).toBe(true)
})

test('engines of a llmr that still runs are left to it', async () => {
  const { journal, pid } = await bystander()
  journal.record({ model: 'tiny', child: identityOf(pid), owner: identityOf(process.pid), mark })
  expect(await endOrphans({ journal, logger: silentLogger })).toEqual([])
  expect(isRunning(pid)).toBe(true)
  expect(journal.entries()).toHaveLength(1)
})

test('when the engine itself is gone, what it started is known by the mark in its environment', async () => {
  const { journal, pid: group } = await leaderless({ LLMR_INSTANCE: mark })
  expect(readGroup(group)).toHaveLength(1)
  journal.record({ model: 'tiny', child: { ...identityOf(process.pid), pid: group }, owner: deadOwner, mark })
  expect(await endOrphans({ journal, logger: silentLogger })).toEqual(['tiny'])
  expect(readGroup(group)).toEqual([])
})

test('the mark counts for nothing after the machine was started anew', async () => {
  const { journal, pid: group } = await leaderless({ LLMR_INSTANCE: mark })
  const child = { ...identityOf(process.pid), pid: group, bootId: 'another' }
  journal.record({ model: 'tiny', child, owner: deadOwner, mark })
  expect(await endOrphans({ journal, logger: silentLogger })).toEqual([])
  expect(readGroup(group)).toHaveLength(1)
})

test('a leaderless group without the mark is left alone', async () => {
  const { journal, pid: group } = await leaderless({})
  journal.record({ model: 'tiny', child: { ...identityOf(process.pid), pid: group }, owner: deadOwner, mark })
  expect(await endOrphans({ journal, logger: silentLogger })).toEqual([])
  expect(readGroup(group)).toHaveLength(1)
})

test('files that are no entries name nobody', async () => {
  const { journal, folder } = await bystander()
  const entry = { format: 'llmr-child', version: 1, model: 'tiny', owner: deadOwner, mark }
  writeFileSync(join(folder, 'a.json'), '{"format":"llmr-child"')
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ ...entry, child: { ...deadOwner, pid: 1 } }))
  writeFileSync(join(folder, 'c.json'), JSON.stringify({ ...entry, child: { ...deadOwner, pid: -1 } }))
  writeFileSync(join(folder, 'd.json'), JSON.stringify({ ...entry, child: deadOwner, mark: '../../x' }))
  expect(journal.entries()).toEqual([])
})

function identityOf(pid: number): ProcessIdentity {
  const identity = readIdentity(pid)
  if (identity === undefined) throw new Error(`no process ${pid}`)
  return identity
}

/** A process with a group of its own, and an empty journal. */
async function bystander(): Promise<{ journal: ChildJournal; folder: string; pid: number }> {
  const folder = temporaryFolder()
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  await once(child, 'spawn')
  onTestFinished(() => void child.kill('SIGKILL'))
  return { journal: new ChildJournal({ folder, logger: silentLogger }), folder, pid: child.pid ?? -1 }
}

/** A group whose leader has ended and whose other member has not. */
async function leaderless(env: Readonly<Record<string, string>>): Promise<{ journal: ChildJournal; pid: number }> {
  const leader = spawn('sh', ['-c', 'sleep 600 & echo $!'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], ...env },
  })
  const exited = once(leader, 'exit')
  const [member] = (await once(leader.stdout, 'data')) as [Buffer]
  await exited
  leader.stdout.destroy()
  onTestFinished(() => {
    if (isRunning(Number(member))) process.kill(Number(member), 'SIGKILL')
  })
  return { journal: new ChildJournal({ folder: temporaryFolder(), logger: silentLogger }), pid: leader.pid ?? -1 }
}
