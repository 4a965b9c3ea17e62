import { expect, test } from 'vitest'

import { parseNvidia, parseRocm } from '../../../src/profiles/fit/find-memory.ts'

test('nvidia-smi answers in MiB, a line for each GPU', () => {
  expect(parseNvidia('NVIDIA GeForce RTX 4090, 24564, 23028\nNVIDIA A100, with comma, 81920, 100\n[N/A]\n')).toEqual([
    {
      name: 'NVIDIA GeForce RTX 4090',
      totalBytes: 24_564 * 1024 ** 2,
      freeBytes: 23_028 * 1024 ** 2,
      source: 'nvidia-smi',
    },
    {
      name: 'NVIDIA A100, with comma',
      totalBytes: 81_920 * 1024 ** 2,
      freeBytes: 100 * 1024 ** 2,
      source: 'nvidia-smi',
    },
  ])
})

test('rocm-smi answers in bytes, with what is used', () => {
  const output =
    '{"card0": {"VRAM Total Memory (B)": "1000", "VRAM Total Used Memory (B)": "300"}, "system": {"x": "y"}}'
  expect(parseRocm(output)).toEqual([{ name: 'card0', totalBytes: 1000, freeBytes: 700, source: 'rocm-smi' }])
})
