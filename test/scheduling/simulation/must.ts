/** Throws the claim that does not hold. */
export function must(holds: boolean, claim: string): void {
  if (!holds) throw new Error(claim)
}
