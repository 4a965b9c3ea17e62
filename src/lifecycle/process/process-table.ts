import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What tells one process from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Linux: clock ticks since boot, field 22 of /proc/PID/stat. Elsewhere: the date as `ps` writes it. */
  readonly startTime: string
  /** Ticks count from the boot, so they say nothing across one. Empty where start times are dates. */
  readonly bootId: string
}

export interface ProcessEntry {
  readonly pid: number
  readonly groupId: number
  readonly sessionId: number
  readonly startTime: string
  /** It has ended, and only its number is still taken until its parent asks for the exit code. */
  readonly isZombie: boolean
  /**
   * It has begun to end, and cannot go back: its connections may be cut already while a driver still takes its memory
   * away. Beside Linux only known once it has ended.
   */
  readonly isEnding: boolean
}

export function readIdentity(pid: number): ProcessIdentity | undefined {
  const entry = readProcess(pid)
  return entry === undefined ? undefined : { pid, startTime: entry.startTime, bootId: readBootId() }
}

/** True while that very process runs, and not another that got its number later. */
export function isAlive({ pid, startTime, bootId }: ProcessIdentity): boolean {
  const entry = readProcess(pid)
  return entry !== undefined && !entry.isZombie && entry.startTime === startTime && readBootId() === bootId
}

/** Processes of a group, or of the session that its leader opened, that have not ended. */
export function readGroup(groupId: number): readonly ProcessEntry[] {
  return readAll().filter((entry) => {
    if (entry.isZombie) return false
    return entry.groupId === groupId || entry.sessionId === groupId
  })
}

/** Environment of a process of the same user; empty when it cannot be read, which is always so beside Linux. */
export function readEnvironment(pid: number): readonly string[] {
  return readText(`/proc/${pid}/environ`)?.split('\0') ?? []
}

export function readBootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

const hasProc = process.platform === 'linux'

export function readProcess(pid: number): ProcessEntry | undefined {
  if (!hasProc) return parsePs(runPs(['-p', String(pid)]))[0]
  const stat = readText(`/proc/${pid}/stat`)
  return stat === undefined ? undefined : parseStat(stat)
}

function readAll(): readonly ProcessEntry[] {
  if (!hasProc) return parsePs(runPs(['-A']))
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []))
}

/** PF_EXITING of the kernel's include/linux/sched.h. */
const exitingFlag = 0x4

/** The command's name stands in parentheses and may hold any character, parentheses too: the last one counts. */
export function parseStat(stat: string): ProcessEntry | undefined {
  const afterName = stat.lastIndexOf(')')
  const fields = stat.slice(afterName + 2).split(' ')
  const [state = '', , groupId, sessionId, , , flags] = fields
  const startTime = fields[19]
  const isZombie = 'ZXx'.includes(state)
  const isEnding = isZombie || (Number(flags) & exitingFlag) !== 0
  const pid = Number.parseInt(stat, 10)
  if (afterName === -1 || startTime === undefined || Number.isNaN(pid)) return undefined
  return { pid, groupId: Number(groupId), sessionId: Number(sessionId), startTime, isZombie, isEnding }
}

/** Lines of `pid pgid sess stat lstart…`. */
export function parsePs(text: string): readonly ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const [pid, groupId, sessionId, state = '', ...startTime] = line.trim().split(/\s+/)
    if (pid === undefined || startTime.length === 0) return []
    return {
      pid: Number(pid),
      groupId: Number(groupId),
      // Some systems print an address here; it equals no group, so the group alone counts.
      sessionId: Number(sessionId),
      startTime: startTime.join(' '),
      isZombie: state.startsWith('Z'),
      isEnding: state.startsWith('Z'),
    }
  })
}

const psTimeoutMs = 2_000

function runPs(selection: readonly string[]): string {
  try {
    const columns = ['-o', 'pid=,pgid=,sess=,stat=,lstart=']
    return execFileSync('ps', [...selection, ...columns], { encoding: 'utf8', timeout: psTimeoutMs })
  } catch {
    return '' // `ps` fails when it finds no such process, which is an answer
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // the process has ended in between, or there is no /proc
  }
}
