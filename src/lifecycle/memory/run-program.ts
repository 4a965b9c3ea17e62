import { execFile } from 'node:child_process'

/** What a program printed; `undefined` when it is not there, failed, or took too long. */
export type RunProgram = (argv: readonly [string, ...string[]]) => Promise<string | undefined>

/** A GPU whose driver sleeps answers late; whoever waits for it has other things to do as well. */
const timeoutMs = 1_500

export const runProgram: RunProgram = ([program, ...args]) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024 }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    )
  })
