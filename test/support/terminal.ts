import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

/** A terminal that a test looks at and types into. */
export function terminal(size: { columns: number; rows: number }) {
  const waiting = new Set<() => void>()
  let text = ''
  const stdout = Object.assign(new PassThrough(), { isTTY: true, ...size })
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    for (const look of waiting) look()
  })
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  })
  const shows = (what: string | RegExp, from = 0): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        const seen = stripVTControlCharacters(text.slice(from))
        if (typeof what === 'string' ? !seen.includes(what) : !what.test(seen)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return {
    streams: { stdout: stdout as unknown as NodeJS.WriteStream, stdin: stdin as unknown as NodeJS.ReadStream },
    shows,
    text: () => text,
    type: (keys: string) => stdin.write(keys),
    resize: (columns: number, rows: number) => {
      Object.assign(stdout, { columns, rows })
      stdout.emit('resize')
    },
  }
}
