import { splitWords } from '../split-words.ts'
import type { LaunchProfile } from '../launch-profile.ts'
import type { LaunchFinding } from './launch-finding.ts'

/** Whether a command is a list of words, and the program learns the port on which llmr will look for it. */
export function checkCommand(profile: LaunchProfile): readonly LaunchFinding[] {
  const { engine, command, args, port, proxy, stop } = profile
  const stopProblems = stop.command === undefined ? [] : wordProblems(stop.command, ['stop', 'command'])
  if (engine !== 'command' || command === undefined) return stopProblems
  const problems = wordProblems(command, ['command'])
  if (problems.length > 0) return [...problems, ...stopProblems]

  const words = [...(typeof command === 'string' ? [command] : command), ...args, ...Object.values(profile.env)]
  const isTold = words.some((word) => word.includes('${PORT}'))
  if (isTold || port !== undefined || proxy !== undefined) return stopProblems
  const fixed = /--port[= ](\d+)/.exec(words.join(' '))?.[1]
  const advice =
    fixed === undefined ? 'put ${PORT} where its port belongs' : `write port: ${fixed}, or \${PORT} in the command`
  const message = `nothing says on which port the program listens; ${advice}`
  return [{ path: ['command'], code: 'conflict', message }, ...stopProblems]
}

function wordProblems(command: string | readonly string[], path: readonly string[]): readonly LaunchFinding[] {
  if (typeof command !== 'string') {
    const isEmpty = command[0] === undefined || command[0] === ''
    return isEmpty ? [{ path, code: 'wrong_value', message: 'expected a program, got nothing' }] : []
  }
  const { problem } = splitWords(command)
  return problem === undefined ? [] : [{ path, code: 'wrong_value', message: problem }]
}
