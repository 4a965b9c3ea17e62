/** How far a request travels: this machine, the local network, somebody else's computer. Ordered, narrow to wide. */
export const trustZones = ['local', 'lan', 'cloud'] as const

export type TrustZone = (typeof trustZones)[number]

export function isWider(zone: TrustZone, than: TrustZone): boolean {
  return trustZones.indexOf(zone) > trustZones.indexOf(than)
}
