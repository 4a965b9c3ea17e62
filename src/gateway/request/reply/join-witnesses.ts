import type { RelayWitness } from './relay-options.ts'

/** One who hears for two; absent when nobody does. */
export function joinWitnesses(
  one: RelayWitness | undefined,
  other: RelayWitness | undefined,
): RelayWitness | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return {
    push: (chunk) => {
      one.push(chunk)
      other.push(chunk)
    },
    end: (reply) => {
      const ends = [one.end(reply), other.end(reply)].filter((end) => end !== undefined)
      return ends.length === 0 ? undefined : Promise.all(ends).then(() => undefined)
    },
  }
}
