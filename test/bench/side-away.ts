import { askChats, leanedOn, startShakyGateway } from '../support/shaky-gateway.ts'

/**
 * node test/bench/side-away.ts [COUNT]: what chats take, to the end of their replies, while each of what memory leans on hangs,
 * and then while it is gone. The difference to `memory off` is what memory costs.
 */
const count = Number(process.argv[2] ?? 100)
const gateway = await startShakyGateway()
if ('skip' in gateway) throw new Error(gateway.skip)
const { url, ways } = gateway

console.log(`ms, of ${count} chats each`)
console.log(`${''.padEnd(24)}${['failed', 'p50', 'p95', 'p99', 'most'].map((name) => name.padStart(8)).join('')}`)
await askChats(url, { count, name: 'warm' })
await measure('memory off', 'off')
await measure('all is well')
for (const helper of leanedOn) {
  ways[helper].stall()
  await measure(`${helper} hangs`)
  ways[helper].resume()
  await measure('   and goes on')
}
for (const helper of leanedOn) ways[helper].stall()
await measure('all three hang')
for (const helper of leanedOn) ways[helper].resume()
for (const helper of leanedOn) {
  await ways[helper].close()
  await measure(`${helper} is gone, too`)
}
await gateway.close()

async function measure(name: string, memory: 'off' | 'hybrid' = 'hybrid'): Promise<void> {
  const { failed, tookMs } = await askChats(url, { count, memory, name: name.replaceAll(/\W/g, '-') })
  const shares = [0.5, 0.95, 0.99, 1].map(
    (share) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))],
  )
  const cells = [failed, ...shares.map((ms = Number.NaN) => ms.toFixed(0))]
  console.log(`${name.padEnd(24)}${cells.map((cell) => String(cell).padStart(8)).join('')}`)
}
