import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { nvidiaProbe } from '../../../src/lifecycle/memory/nvidia-probe.ts'
import { availableBytes, ramProbe } from '../../../src/lifecycle/memory/ram-probe.ts'
import { rocmProbe } from '../../../src/lifecycle/memory/rocm-probe.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const mib = 1024 * 1024

describe('nvidia-smi', () => {
  const asked: string[] = []
  const run = (processes: string) => (argv: readonly string[]) => {
    asked.push(argv.join(' '))
    return Promise.resolve(argv.includes('--query-gpu=memory.free') ? '23456\n' : processes)
  }

  test('tells what is free and what the processes hold', async () => {
    const probe = nvidiaProbe({ gpu: '1', run: run('10, 300\n11, 4000\n12, 5000\n') })
    expect(await probe.read([10, 12])).toEqual({ freeBytes: 23_456 * mib, heldBytes: 5_300 * mib })
    expect(asked[0]).toBe('nvidia-smi -i 1 --query-gpu=memory.free --format=csv,noheader,nounits')
  })

  test('does not always say how much, and then it is something', async () => {
    const { heldBytes } = await nvidiaProbe({ gpu: '0', run: run('10, [N/A]\n') }).read([10])
    expect(heldBytes).toBeGreaterThan(0)
  })

  test('that is missing or fails tells nothing', async () => {
    expect(await nvidiaProbe({ gpu: '0', run: () => Promise.resolve(undefined) }).read([1])).toEqual({})
    expect(await nvidiaProbe({ gpu: '0', run: () => Promise.resolve('No devices were found') }).read([1])).toEqual({})
  })
})

describe('rocm-smi', () => {
  test('tells what is free', async () => {
    const card = { 'VRAM Total Memory (B)': '17163091968', 'VRAM Total Used Memory (B)': '163091968' }
    const run = () => Promise.resolve(JSON.stringify({ card1: card }))
    expect(await rocmProbe({ gpu: '1', run }).read([])).toEqual({ freeBytes: 17_000_000_000 })
    expect(await rocmProbe({ gpu: '0', run }).read([])).toEqual({})
  })

  test('that is missing tells nothing', async () => {
    expect(await rocmProbe({ gpu: '0', run: () => Promise.resolve(undefined) }).read([])).toEqual({})
  })
})

describe("the machine's memory", () => {
  test('is held by processes that live, and by no other', async () => {
    const { heldBytes } = await ramProbe().read([process.pid])
    expect(heldBytes).toBeGreaterThan(10 * mib)
    expect(await ramProbe().read([2 ** 22 + 1])).toEqual({ heldBytes: 0 })
  })

  test('available is what the kernel says, or less where a control group allows less', () => {
    const root = `${temporaryFolder()}/`
    write(root, 'proc/meminfo', 'MemTotal:       100 kB\nMemAvailable:     50 kB\n')
    expect(availableBytes({ root })).toBe(51_200)
    write(root, 'sys/fs/cgroup/memory.max', 'max\n')
    write(root, 'sys/fs/cgroup/memory.current', '30000\n')
    expect(availableBytes({ root })).toBe(51_200)
    write(root, 'sys/fs/cgroup/memory.max', '40000\n')
    expect(availableBytes({ root })).toBe(10_000)
    write(root, 'sys/fs/cgroup/memory.stat', 'anon 1\ninactive_file 5000\n')
    expect(availableBytes({ root })).toBe(15_000)
  })
})

function write(root: string, path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}
