import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'

import type { MemoryProbe } from './memory-probe.ts'

export interface RamProbeOptions {
  /** Where the kernel's files are: tests bring their own. */
  readonly root?: string
}

/**
 * The machine's memory, or the part of it that the control group allows. A process that has ended holds none, so a
 * stopped engine's memory is back as soon as its processes are gone; what is free is not waited for, for other programs
 * and the page cache move it all the time.
 */
export function ramProbe({ root = '/' }: RamProbeOptions = {}): MemoryProbe {
  return { read: (pids) => Promise.resolve({ heldBytes: sum(pids.map((pid) => residentBytes(root, pid))) }) }
}

/** Bytes that programs could still have: what the kernel calls available, or less where a control group says so. */
export function availableBytes({ root = '/' }: RamProbeOptions = {}): number {
  const meminfo = readText(`${root}proc/meminfo`)
  const machine = kibibytesOf(meminfo, 'MemAvailable') ?? freemem()
  return Math.min(machine, groupAvailableBytes(root) ?? Infinity)
}

/** Version 2 first. Pages of files that nobody has used lately can be had back, so they do not count as taken. */
function groupAvailableBytes(root: string): number | undefined {
  const folders = [
    { folder: 'sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', idle: 'inactive_file' },
    {
      folder: 'sys/fs/cgroup/memory',
      limit: 'memory.limit_in_bytes',
      used: 'memory.usage_in_bytes',
      idle: 'total_inactive_file',
    },
  ]
  for (const { folder, limit, used, idle } of folders) {
    const limitBytes = Number.parseInt(readText(`${root}${folder}/${limit}`), 10)
    const usedBytes = Number.parseInt(readText(`${root}${folder}/${used}`), 10)
    if (Number.isNaN(limitBytes) || Number.isNaN(usedBytes)) continue
    const stat = readText(`${root}${folder}/memory.stat`)
    const [, idleBytes = '0'] = new RegExp(`^${idle} (\\d+)$`, 'm').exec(stat) ?? []
    return Math.max(0, limitBytes - usedBytes + Number(idleBytes))
  }
  return undefined
}

function residentBytes(root: string, pid: number): number {
  return kibibytesOf(readText(`${root}proc/${pid}/status`), 'VmRSS') ?? 0
}

function kibibytesOf(text: string, name: string): number | undefined {
  const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text) ?? []
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // no such process any more, or not this kind of system
  }
}
