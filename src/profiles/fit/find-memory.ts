import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface GpuMemory {
  readonly name: string
  readonly totalBytes: number
  readonly freeBytes: number
  /** Which program or file said so. */
  readonly source: 'nvidia-smi' | 'rocm-smi' | 'sysfs'
}

/** A driver that hangs must not hang a command that only asks. */
const askTimeoutMs = 10_000

/** Memory of this machine's GPUs, by the first that can tell; empty where there is none, or no driver that says so. */
export async function findMemory(): Promise<readonly GpuMemory[]> {
  for (const ask of [askNvidia, askRocm, readSysfs]) {
    const found = await ask().catch(() => []) // no such driver, or one that does not answer
    if (found.length > 0) return found
  }
  return []
}

async function askNvidia(): Promise<readonly GpuMemory[]> {
  const query = ['--query-gpu=name,memory.total,memory.free', '--format=csv,noheader,nounits']
  const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: askTimeoutMs })
  return parseNvidia(stdout)
}

/** `NVIDIA GeForce RTX 4090, 24564, 23028`, in MiB. */
export function parseNvidia(output: string): readonly GpuMemory[] {
  return output.split('\n').flatMap((line) => {
    const [, name = '', total, free] = /^(.+), *(\d+), *(\d+)\s*$/.exec(line) ?? []
    if (total === undefined || free === undefined) return []
    return [{ name, totalBytes: Number(total) * 1024 ** 2, freeBytes: Number(free) * 1024 ** 2, source: 'nvidia-smi' }]
  })
}

async function askRocm(): Promise<readonly GpuMemory[]> {
  const { stdout } = await promisify(execFile)('rocm-smi', ['--showmeminfo', 'vram', '--json'], {
    timeout: askTimeoutMs,
  })
  return parseRocm(stdout)
}

/** `{"card0": {"VRAM Total Memory (B)": "…", "VRAM Total Used Memory (B)": "…"}}`. */
export function parseRocm(output: string): readonly GpuMemory[] {
  const cards: unknown = JSON.parse(output)
  if (typeof cards !== 'object' || cards === null) return []
  return Object.entries(cards).flatMap(([name, card]: [string, unknown]): GpuMemory[] => {
    const values = typeof card === 'object' && card !== null ? Object.entries(card) : []
    const bytes = (key: string): number => Number(values.find(([label]) => label.startsWith(key))?.[1])
    const totalBytes = bytes('VRAM Total Memory')
    const freeBytes = totalBytes - bytes('VRAM Total Used Memory')
    return Number.isFinite(freeBytes) ? [{ name, totalBytes, freeBytes, source: 'rocm-smi' }] : []
  })
}

/** The amdgpu driver says it without any program. */
async function readSysfs(): Promise<readonly GpuMemory[]> {
  const folder = '/sys/class/drm'
  const cards = (await readdir(folder)).filter((name) => /^card\d+$/.test(name))
  const found = await Promise.all(
    cards
      .map(async (name): Promise<readonly GpuMemory[]> => {
        const device = join(folder, name, 'device')
        const read = async (file: string): Promise<number> => Number(await readFile(join(device, file), 'utf8'))
        const [total, used] = await Promise.all([read('mem_info_vram_total'), read('mem_info_vram_used')])
        return total > 0 ? [{ name, totalBytes: total, freeBytes: total - used, source: 'sysfs' }] : []
      })
      .map((card) => card.catch(() => [])), // another maker's
  )
  return found.flat()
}
