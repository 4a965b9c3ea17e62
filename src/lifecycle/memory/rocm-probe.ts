import { parseForeignJson, textAt } from '../../core/foreign-json.ts'
import type { MemoryProbe } from './memory-probe.ts'
import { runProgram } from './run-program.ts'
import type { RunProgram } from './run-program.ts'

export interface RocmProbeOptions {
  /** Index, as `rocm-smi` lists them. */
  readonly gpu: string
  readonly run?: RunProgram
}

/** A GPU of AMD's, as `rocm-smi` sees it. It does not tell in a stable form which process holds how much. */
export function rocmProbe({ gpu, run = runProgram }: RocmProbeOptions): MemoryProbe {
  return {
    read: async () => {
      const text = await run(['rocm-smi', '-d', gpu, '--showmeminfo', 'vram', '--json'])
      const cards = parseForeignJson(text ?? '')
      const total = bytesAt(cards, `card${gpu}`, 'VRAM Total Memory (B)')
      const used = bytesAt(cards, `card${gpu}`, 'VRAM Total Used Memory (B)')
      return total === undefined || used === undefined ? {} : { freeBytes: total - used }
    },
  }
}

function bytesAt(value: unknown, card: string, key: string): number | undefined {
  const bytes = Number(textAt(value, card, key) ?? Number.NaN)
  return Number.isNaN(bytes) ? undefined : bytes
}
