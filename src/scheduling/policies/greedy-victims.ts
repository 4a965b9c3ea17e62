/**
 * Takes candidates in the order given until there is room, then leaves out those that were not needed after all, the
 * last ones that the order would rather spare first. Undefined when all of them together make no room.
 */
export function greedyVictims<Candidate>(
  candidates: readonly Candidate[],
  hasRoom: (evict: readonly Candidate[]) => boolean,
): readonly Candidate[] | undefined {
  let evict: readonly Candidate[] = []
  for (const candidate of candidates) {
    if (hasRoom(evict)) break
    evict = [...evict, candidate]
  }
  if (!hasRoom(evict)) return undefined
  for (const candidate of evict.toReversed()) {
    const fewer = evict.filter((kept) => kept !== candidate)
    if (hasRoom(fewer)) evict = fewer
  }
  return evict
}
