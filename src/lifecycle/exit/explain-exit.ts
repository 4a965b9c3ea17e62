import type { ProcessExit } from '../process/spawn-group.ts'
import type { ExitExplanation } from './exit-explanation.ts'
import { exitCauses } from './exit-causes.ts'

export interface EngineExit {
  /** Absent: it had not ended. */
  readonly exit?: ProcessExit
  /** The last lines of its output, the oldest first. */
  readonly lines: readonly string[]
}

/**
 * Why an engine ended, as far as its last lines and its exit tell. What it said counts for more than how it ended, but
 * for an instruction that does not exist, which gives it no time to say anything. Among causes the order of the table
 * decides: running out of memory makes engines say many other things as well.
 */
export function explainExit({ exit, lines }: EngineExit): ExitExplanation {
  if (exit !== undefined && signalOf(exit) === 'SIGILL') return byExit(exit, lines)
  for (const { patterns, ...cause } of exitCauses) {
    const evidence = lines.find((line) => patterns.some((pattern) => pattern.test(line)))
    if (evidence !== undefined) return { ...cause, evidence: evidence.trim() }
  }
  return exit === undefined ? neverReady(lines) : byExit(exit, lines)
}

/** `exited with code 1`, `was ended by SIGKILL`. */
function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`
}

function neverReady(lines: readonly string[]): ExitExplanation {
  return {
    code: 'ready_timeout',
    cause: 'The engine did not become ready in the time it is given.',
    evidence: lastLine(lines),
    advice: 'Give it a longer ready time-out, or check that its readiness address is the right one.',
    isTransient: true,
  }
}

function byExit(exit: ProcessExit, lines: readonly string[]): ExitExplanation {
  const { code } = exit
  const signal = signalOf(exit)
  const evidence = [describeExit(exit), lastLine(lines)].filter((text) => text !== '').join('; last line: ')
  if (signal === 'SIGILL') {
    return {
      code: 'unsupported_cpu',
      cause: 'The engine uses instructions that this processor does not have.',
      evidence,
      advice: 'Use a build of the engine for this processor, such as one without AVX-512.',
      isTransient: false,
    }
  }
  if (signal === 'SIGKILL') {
    return {
      code: 'out_of_memory',
      cause: 'The engine was killed from outside, most likely because the machine ran out of memory.',
      evidence,
      advice: 'Look for "oom" in the system log. Use a smaller model or context, or load fewer models at once.',
      isTransient: true,
    }
  }
  if (signal !== undefined) {
    return {
      code: 'crashed',
      cause: 'The engine crashed.',
      evidence,
      advice: 'Read its log; a newer build of the engine or other flags may help.',
      isTransient: true,
    }
  }
  if (code === 126 || code === 127) {
    return {
      code: 'missing_program',
      cause: 'The engine, or a program that starts it, was not found or may not be executed.',
      evidence,
      advice: 'Check the path of the program and its permissions.',
      isTransient: false,
    }
  }
  return {
    code: 'exited',
    cause: 'The engine ended by itself.',
    evidence,
    advice: 'Read its log for the reason.',
    isTransient: true,
  }
}

/** Shells report a child that a signal ended as 128 and its number. */
const signalCodes = new Map<number, NodeJS.Signals>([
  [132, 'SIGILL'],
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
])

function signalOf({ code, signal }: ProcessExit): NodeJS.Signals | undefined {
  return signal ?? signalCodes.get(code ?? 0)
}

function lastLine(lines: readonly string[]): string {
  return lines.findLast((line) => line.trim() !== '')?.trim() ?? ''
}
