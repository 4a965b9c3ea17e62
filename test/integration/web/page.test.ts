import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { startTestGateway } from '../../support/start-gateway.ts'

const folder = join(import.meta.dirname, '../../../src/web/page')
const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
const withKey = `auth: { keys: [{ name: me, sha256: ${'a'.repeat(64)} }] }`

test('a browser that comes to the gateway is shown the page, a program is told where to go', async () => {
  await using gateway = await startTestGateway('')
  const visit = await fetch(gateway.url, { headers: { accept: 'text/html,application/xhtml+xml' } })
  expect([visit.url, visit.headers.get('content-type')]).toEqual([`${gateway.url}/ui/`, 'text/html; charset=utf-8'])
  expect(await (await fetch(gateway.url)).text()).toMatch(/^llmr .* is running/)
})

test('the page comes with a policy that lets nothing in or out, and is not sent again while it is the same', async () => {
  await using gateway = await startTestGateway(withKey)
  const first = await fetch(`${gateway.url}/ui/page.js`)
  expect(first.status).toBe(200)
  expect(first.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/)
  const etag = first.headers.get('etag') ?? ''
  expect((await fetch(`${gateway.url}/ui/page.js`, { headers: { 'if-none-match': etag } })).status).toBe(304)
})

test.each(['../../../package.json', '..%2f..%2f..%2fpackage.json', 'tsconfig.json', 'nothing.js'])(
  'no file but those of the page is given out: %s',
  async (name) => {
    await using gateway = await startTestGateway('')
    const { status } = await fetch(`${gateway.url}/ui/${name}`)
    expect(status).toBe(404)
  },
)

test('every file that the page names is there, and it names nothing of another place', () => {
  const names = readdirSync(folder)
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8')
    for (const [, named = ''] of text.matchAll(/(?:from '\.\/|(?:href|src)=")([^'"]+)/g)) expect(names).toContain(named)
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//)
  }
})

test.skipIf(browser === undefined)(
  'a browser shows models and requests, and names are never read as HTML (needs a chromium)',
  async () => {
    const hostile = '<img src=x onerror=document.title="taken">'
    await using gateway = await startTestGateway(`models: { ${JSON.stringify(hostile)}: { backends: [] } }`)
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: `${hostile} asked`, messages: [{ role: 'user', content: 'Hello' }] }),
    })
    const seen = await domOf(`${gateway.url}/ui/`)
    expect(seen).toContain('&lt;img src=x onerror=document.title="taken"&gt;')
    expect(seen).toContain('404 model_not_found')
    expect(seen).toContain('<title>llmr</title>')
    expect(seen).not.toContain('<img')
  },
)

test.skipIf(browser === undefined)('where keys are asked for, the page asks for one (needs a chromium)', async () => {
  await using gateway = await startTestGateway(withKey)
  expect(await domOf(`${gateway.url}/ui/`)).toMatch(/<dialog id="key-dialog"[^>]* open=""/)
})

/** The page as it stands after a few of its looks at the gateway. */
async function domOf(url: string): Promise<string> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=3000', '--dump-dom', url]
  const { stdout } = await promisify(execFile)(browser ?? '', flags, { timeout: 25_000, maxBuffer: 4 * 1024 * 1024 })
  return stdout
}
