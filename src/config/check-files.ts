import { readFile } from 'node:fs/promises'

import { isPolicyFile, policyFileProblem } from './check-policy-file.ts'
import type { Finding } from './finding.ts'
import type { Config } from './schema.ts'

/**
 * Whether the certificates that the configuration names can be read, whether the gateway's own has its key, and whether
 * nobody else can write to the policy, which is not run for that.
 */
export async function checkFiles({ listen, backends, scheduling }: Config): Promise<readonly Finding[]> {
  const own = listen.tls === undefined ? [] : await checkCertificate(listen.tls)
  const authorities = await Promise.all(
    Object.entries(backends).map(async ([name, { tls }]) => {
      return tls?.ca === undefined ? [] : checkReadable(tls.ca, ['backends', name, 'tls', 'ca'])
    }),
  )
  return [...own, ...authorities.flat(), ...(await checkPolicy(scheduling.policy))]
}

async function checkPolicy(policy: string): Promise<readonly Finding[]> {
  const message = isPolicyFile(policy) ? await policyFileProblem(policy) : undefined
  return message === undefined ? [] : [{ path: ['scheduling', 'policy'], code: 'unreadable', message }]
}

async function checkCertificate({ cert, key }: { cert: string; key: string }): Promise<readonly Finding[]> {
  const path = ['listen', 'tls']
  const findings = [...(await checkReadable(cert, [...path, 'cert'])), ...(await checkReadable(key, [...path, 'key']))]
  if (findings.length > 0) return findings
  // Dear to load, and most files name no certificate.
  const { createSecureContext } = await import('node:tls')
  try {
    createSecureContext({ cert: await readFile(cert), key: await readFile(key) })
    return []
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? ` (${String(error.reason)})` : ''
    const message = `expected a certificate and its private key, both as PEM${reason}`
    return [{ path, at: 'key', code: 'wrong_value', message }]
  }
}

async function checkReadable(file: string, path: readonly PropertyKey[]): Promise<readonly Finding[]> {
  try {
    await readFile(file)
    return []
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return [{ path, code: 'unreadable', message: `${file} cannot be read (${code})` }]
  }
}
