import type { MemoryProbe } from './memory-probe.ts'
import { runProgram } from './run-program.ts'
import type { RunProgram } from './run-program.ts'

export interface NvidiaProbeOptions {
  /** Index or UUID, as `nvidia-smi -L` lists them. */
  readonly gpu: string
  readonly run?: RunProgram
}

const mebibyte = 1024 * 1024

/** A GPU of NVIDIA's, as `nvidia-smi` sees it. */
export function nvidiaProbe({ gpu, run = runProgram }: NvidiaProbeOptions): MemoryProbe {
  const query = async (what: string): Promise<readonly string[]> => {
    const text = await run(['nvidia-smi', '-i', gpu, `--query-${what}`, '--format=csv,noheader,nounits'])
    return text === undefined ? [] : text.split('\n').filter((line) => line.trim() !== '')
  }
  return {
    read: async (pids) => {
      const [gpus, processes] = await Promise.all([
        query('gpu=memory.free'),
        pids.length === 0 ? [] : query('compute-apps=pid,used_memory'),
      ])
      const free = Number(gpus[0])
      // Without an answer about the GPU the empty list of processes is no answer either.
      if (gpus.length === 0 || Number.isNaN(free)) return {}
      return { freeBytes: free * mebibyte, heldBytes: heldMebibytes(processes, pids) * mebibyte }
    },
  }
}

/** Lines of `pid, MiB`; a driver in WDDM mode writes `[N/A]` for the second, which counts as something. */
function heldMebibytes(lines: readonly string[], pids: readonly number[]): number {
  return lines.reduce((sum, line) => {
    const [pid, used = ''] = line.split(',').map((text) => text.trim())
    if (!pids.includes(Number(pid))) return sum
    return sum + (Number.isNaN(Number(used)) ? 1 : Number(used))
  }, 0)
}
