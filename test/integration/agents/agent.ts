import type { AgentPackage } from '../../services/agents.ts'

/** How an agent is pointed at a gateway and told what to do. */
export interface Agent extends AgentPackage {
  readonly dialect: string
  /** Files of its home, by their path in it; it works in there, too. */
  readonly files: (place: AgentPlace) => Readonly<Record<string, string>>
  readonly env: (place: AgentPlace) => Readonly<Record<string, string>>
  readonly start: (prompt: string) => readonly string[]
  /** Goes on with the conversation before. */
  readonly resume: (prompt: string) => readonly string[]
  /** The call with which a model reads this file. */
  readonly readCall: (file: string) => { readonly name: string; readonly arguments: object }
}

export interface AgentPlace {
  readonly home: string
  /** The gateway's address. */
  readonly url: string
}
