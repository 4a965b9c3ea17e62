import { readGroup, readProcess } from './process-table.ts'

/**
 * Sends a signal to every process of a group, and to those that have left it but not the session its leader opened:
 * shells put background jobs into groups of their own.
 */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  trySignal(-groupId, signal)
  for (const { pid, groupId: itsGroup } of readGroup(groupId)) {
    if (itsGroup !== groupId) trySignal(pid, signal)
  }
}

/**
 * True when nothing of it runs any more. Zombies do not count: where llmr is process 1 of a container nobody asks for
 * the exit codes of grandchildren, and they stay.
 */
export function isGroupGone(groupId: number): boolean {
  // Elsewhere a look at the processes costs a program; the kernel's own answer is as good where llmr is not process 1.
  if (process.platform !== 'linux') return !trySignal(-groupId, 0)
  // Asked many times while the leader takes its time, and then one look is enough.
  const leader = readProcess(groupId)
  if (leader !== undefined && !leader.isZombie && leader.groupId === groupId) return false
  return readGroup(groupId).length === 0
}

/** False when there is no such process. One that may not be signalled exists all the same. */
function trySignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
