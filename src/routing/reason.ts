const reasonLengthMax = 200

/** A reason travels in a header, where a name that somebody chose must not break anything. */
export function toReason(text: string): string {
  const printable = text.replaceAll(/[^\u0020-\u007e]/g, '?')
  return printable.length <= reasonLengthMax ? printable : `${printable.slice(0, reasonLengthMax - 3)}...`
}
