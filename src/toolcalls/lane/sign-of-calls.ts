import type { ToolLane } from '../../core/tool-lane.ts'
import type { ToldCall } from '../inject/call-reader.ts'
import type { LaneSign } from './lane-record.ts'

export interface ReadCalls {
  readonly lane: ToolLane
  readonly calls: readonly ToldCall[]
  /** That were offered. */
  readonly toolNames: readonly string[]
  /** The engine read them itself. */
  readonly areOfEngine: boolean
}

/** What a reply was like in which llmr read calls, the worst of them first. */
export function signOfCalls({ lane, calls, toolNames, areOfEngine }: ReadCalls): LaneSign {
  if (lane === 'checked' && !areOfEngine) return 'call-in-text'
  if (calls.some(({ name }) => !toolNames.includes(name))) return 'unknown-name'
  if (calls.some(({ argumentsText }) => !isObject(argumentsText))) return 'invalid-arguments'
  if (calls.some(({ problems }) => problems.length > 0)) return 'schema-failure'
  return areOfEngine ? 'native-call' : 'read-call'
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false // what is no JSON is no object
  }
}
