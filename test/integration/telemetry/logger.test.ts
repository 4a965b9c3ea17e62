import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { describe, expect, test } from 'vitest'

import { createLogger } from '../../../src/telemetry/logger.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const source = join(import.meta.dirname, '../../../src/telemetry/logger.ts')

/** A process of its own with `log`, a logger made from the options, in which the statements run. */
function program(options: string, statements: string) {
  const script = `
    import { createLogger } from ${JSON.stringify(source)}
    const log = createLogger({ level: 'info', ${options} })
    ${statements}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('asked for pipes, got none')
  let errors = ''
  stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk))
  return { child, stdout, errors: () => errors }
}

function numbersIn(lines: string): readonly number[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).n)
}

const oneTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('a log file', () => {
  test('holds every line in order once the logger is closed, which may happen twice', async () => {
    const file = join(temporaryFolder(), 'llmr.log')
    const logger = createLogger({ level: 'info', file })
    for (const n of oneTo(5000)) logger.info({ n, filler: 'x'.repeat(50) }, 'x')
    await Promise.all([logger.close(), logger.close()])
    await logger.close()
    logger.info({ n: 0 }, 'too late')
    expect(numbersIn(readFileSync(file, 'utf8'))).toEqual(oneTo(5000))
  })

  test('is appended to', async () => {
    const file = join(temporaryFolder(), 'llmr.log')
    writeFileSync(file, '{"n":1}\n')
    const logger = createLogger({ level: 'info', file })
    logger.info({ n: 2 }, 'x')
    await logger.close()
    expect(numbersIn(readFileSync(file, 'utf8'))).toEqual([1, 2])
  })

  test('that was renamed gets no more lines after reopen, and none is lost', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'llmr.log')
    const logger = createLogger({ level: 'info', file })
    for (const n of oneTo(3000)) logger.info({ n, filler: 'x'.repeat(50) }, 'x')
    renameSync(file, join(folder, 'llmr.log.1'))
    logger.reopen()
    logger.info({ n: 3001 }, 'x')
    await logger.close()
    const fresh = numbersIn(readFileSync(file, 'utf8'))
    expect(fresh.at(-1)).toBe(3001)
    expect([...numbersIn(readFileSync(join(folder, 'llmr.log.1'), 'utf8')), ...fresh]).toEqual(oneTo(3001))
  })

  test('that cannot be opened is an error which says why and what to do', () => {
    const file = join(temporaryFolder(), 'no/such/folder.log')
    expect(() => createLogger({ level: 'info', file })).toThrow(/no\/such\/folder\.log .*ENOENT.*telemetry\.log\.file/)
  })

  test('on a full disk costs lines, not the process, and stderr says so once', async () => {
    const { child, stdout, errors } = program(
      `file: '/dev/full'`,
      `for (let n = 0; n < 5000; n += 1) log.info({ n, filler: 'x'.repeat(100) }, 'x')
       await log.close()
       process.send('still here')
       process.disconnect()`,
    )
    stdout.resume()
    const [[message], [code]] = await Promise.all([once(child, 'message'), once(child, 'close')])
    expect(message).toBe('still here')
    expect(code).toBe(0)
    expect(errors().match(/The log cannot be written \(ENOSPC/g)).toHaveLength(1)
  })
})

describe('a process that ends', () => {
  test.each([
    ['by process.exit', 'process.exit(0)'],
    ['by an error that nobody caught', 'setImmediate(() => { throw new Error("crash") })'],
    ['because nothing is left to do', ''],
  ])('%s has written every line', async (_how, ending) => {
    const file = join(temporaryFolder(), 'llmr.log')
    const { child, stdout } = program(
      `file: ${JSON.stringify(file)}`,
      `for (let n = 1; n <= 3000; n += 1) log.info({ n, filler: 'x'.repeat(100) }, 'x')
       process.disconnect()
       ${ending}`,
    )
    stdout.resume()
    await once(child, 'close')
    expect(numbersIn(readFileSync(file, 'utf8')).toSorted((a, b) => a - b)).toEqual(oneTo(3000))
  })

  test('by an error while its writes still wait for a thread has written every line', async () => {
    const file = join(temporaryFolder(), 'llmr.log')
    const { child, stdout } = program(
      `file: ${JSON.stringify(file)}`,
      `const { pbkdf2 } = await import('node:crypto')
       for (let n = 0; n < 8; n += 1) pbkdf2('a', 'b', 200_000, 64, 'sha512', () => undefined)
       for (let n = 1; n <= 3000; n += 1) log.info({ n, filler: 'x'.repeat(100) }, 'x')
       process.disconnect()
       setImmediate(() => { throw new Error("crash") })`,
    )
    stdout.resume()
    await once(child, 'close')
    expect(numbersIn(readFileSync(file, 'utf8')).toSorted((a, b) => a - b)).toEqual(oneTo(3000))
  })
})

describe('stdout', () => {
  test('that nobody reads does not stop the process, and what is dropped is whole lines', async () => {
    const { child, stdout } = program(
      '',
      `for (let n = 1; n <= 30_000; n += 1) {
         log.info({ n, filler: 'x'.repeat(1000) }, 'x')
         if (n % 100 === 0) await new Promise(setImmediate)
       }
       process.send('still here')
       process.disconnect()`,
    )
    const [message] = await once(child, 'message')
    expect(message).toBe('still here')
    const lines = numbersIn(await text(stdout))
    expect(lines.slice(0, 5000)).toEqual(oneTo(5000))
    expect(lines.length).toBeLessThan(30_000)
  })

  test('whose reader is gone does not stop the process', async () => {
    const { child, stdout } = program(
      '',
      `process.on('message', async () => {
         for (let n = 1; n <= 3000; n += 1) log.info({ n, filler: 'x'.repeat(100) }, 'x')
         await log.close()
         process.send('still here')
         process.disconnect()
       })
       process.send('ready')`,
    )
    await once(child, 'message')
    stdout.destroy()
    child.send('go')
    const [[message], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')])
    expect(message).toBe('still here')
    expect(code).toBe(0)
  })
})
