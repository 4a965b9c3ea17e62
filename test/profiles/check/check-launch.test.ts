import { expect, test } from 'vitest'

import { checkLaunch } from '../../../src/profiles/check/check-launch.ts'
import { newFlags } from '../../support/flag-tables.ts'
import { profileOf } from '../../support/launch-profile.ts'

function findings(written: Readonly<Record<string, unknown>>, gateway = { host: '127.0.0.1', port: 8411 }) {
  return checkLaunch(profileOf(written), { flags: newFlags, unusable: [], gateway }).map(
    ({ path, message, isWarning }) => {
      return `${isWarning === true ? 'warning ' : ''}${path.join('.')}: ${message}`
    },
  )
}

test('an ordinary profile has nothing wrong with it', () => {
  expect(
    findings({ model: '/m.gguf', context: 8192, kv_cache: { k: 'q8_0', v: 'q8_0' }, flags: { 'flash-attn': 'on' } }),
  ).toEqual([])
})

test.each([
  [{ port: 8411 }, 'port: llmr itself listens on port 8411'],
  [{ flags: { n_ctxx: 1 } }, 'flags.n_ctxx: llama-server does not have --n-ctxx; did you mean'],
  [{ flags: { 'flash-attn': 'maybe' } }, 'flags.flash-attn: expected one of on, off, auto'],
  [{ flags: { port: 1 } }, 'flags.port: llmr tells the engine its address; write the key port'],
  [
    { flags: { n_ctx: 1, 'ctx-size': 2 } },
    'flags.ctx-size: n_ctx and ctx-size are the same flag, --ctx-size; keep one',
  ],
  [{ context: 5, flags: { n_ctx: 1 } }, 'warning flags.n_ctx: counts above the key context'],
  [{ kv_cache: { k: 'q3_0' } }, 'kv_cache.k: expected one of f32, f16'],
  [
    { args: ['--no-mmap'] },
    'args.0: the engine would leave at once: llama-server has no --no-mmap; write --load-mode none',
  ],
  [
    { args: ['--draft-max', '3'] },
    'args.0: the engine would leave at once: llama-server calls --draft-max --spec-draft-n-max',
  ],
  [{ args: ['--nonsense=3'] }, 'args.0: the engine would leave at once: llama-server does not have --nonsense'],
  [{ kv_cache: { v: 'q8_0' }, flags: { fa: false } }, 'flags.fa: the V cache is q8_0, which needs flash attention'],
  [{ proxy: 'http://192.168.1.5:9' }, 'proxy: requests go to 192.168.1.5, but the engine binds 127.0.0.1'],
])('%j: %s (N4.2, N4.4, N4.5)', (written, message) => {
  expect(findings({ model: '/m.gguf', ...written }).join('\n')).toContain(message)
})

test.each([
  [{ command: 'a; b' }, 'command: ";" would need a shell'],
  [
    { command: 'serve --port 8080' },
    'command: nothing says on which port the program listens; write port: 8080, or ${PORT} in the command',
  ],
  [{ command: 'serve' }, 'put ${PORT} where its port belongs'],
  [{ command: ['', 'x'] }, 'command: expected a program'],
  [{ command: 'x ${PORT}', stop: { command: 'a > b' } }, 'stop.command: ">" would need a shell'],
])('a command %j: %s (N4.4)', (written, message) => {
  expect(findings({ engine: 'command', ...written }).join('\n')).toContain(message)
})

test('a port is taken only where both bind the same address', () => {
  const profile = { model: '/m.gguf', port: 8411, host: '10.0.0.1' }
  expect(findings(profile, { host: '127.0.0.1', port: 8411 })).toEqual([])
  expect(findings(profile, { host: '0.0.0.0', port: 8411 })).toHaveLength(1)
})

test('an engine that other machines must reach binds more than loopback (N4.5)', () => {
  expect(findings({ model: '/m.gguf', host: '0.0.0.0', proxy: 'http://192.168.1.5:9' })).toEqual([])
  expect(findings({ model: '/m.gguf', proxy: 'http://[::1]:9' })).toEqual([])
})
