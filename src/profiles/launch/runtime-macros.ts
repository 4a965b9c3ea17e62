/**
 * Puts in what is known only at the launch: `${PORT}`, or `${PID}` when it ends. `$${PORT}` is a literal `${PORT}`.
 * A name without a value stays, for whoever knows it later.
 */
export function fillRuntimeMacros(text: string, values: { readonly PORT?: number; readonly PID?: number }): string {
  return text.replaceAll(/(\$?)\$\{(PORT|PID)\}/g, (token, escape: string, name: 'PORT' | 'PID') => {
    if (escape !== '') return token.slice(1)
    const value = values[name]
    return value === undefined ? token : String(value)
  })
}
