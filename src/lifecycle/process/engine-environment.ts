/** What llmr keeps to itself: its own settings and the addresses, with passwords, of its own services. */
const ownNames = /^(LLMR_|DATABASE_URL$|NATS_URL$|NOTIFY_SOCKET$|WATCHDOG_|LISTEN_|STATE_DIRECTORY$)/

export interface EngineEnvironment {
  readonly own: NodeJS.ProcessEnv
  readonly added: Readonly<Record<string, string>>
  /** Set on everything that the engine starts in turn, and so tells who belongs to it. */
  readonly mark: string
}

export const markName = 'LLMR_INSTANCE'

/** An engine gets llmr's environment (it needs the paths and devices in it), less llmr's secrets, and what is added. */
export function engineEnvironment({ own, added, mark }: EngineEnvironment): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(([name]) => !ownNames.test(name))
  return { ...Object.fromEntries(kept), ...added, [markName]: mark }
}
