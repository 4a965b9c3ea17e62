import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { CpuProfile } from './stage-costs.ts'

/**
 * A profile of built code with the files that its functions were written in, instead of those into which they were
 * bundled. Code that runs from source stays as it is.
 */
export function unbundleProfile(profile: CpuProfile): CpuProfile {
  const files = new Map<string, readonly Module[]>()
  const sourceOf = (url: string, line: number): string => {
    if (!/^file:.*\/dist\//.test(url)) return url
    const modules = files.get(url) ?? bundledModules(readFileSync(fileURLToPath(url), 'utf8'))
    files.set(url, modules)
    return modules.findLast(({ firstLine }) => firstLine <= line)?.file ?? url
  }
  const nodes = profile.nodes.map((node) => {
    const { callFrame } = node
    return { ...node, callFrame: { ...callFrame, url: sourceOf(callFrame.url, callFrame.lineNumber) } }
  })
  return { ...profile, nodes }
}

interface Module {
  readonly file: string
  /** From 0, as in profiles. */
  readonly firstLine: number
}

/** The bundler writes the path of each module above its code, as a comment of one line. */
function bundledModules(text: string): readonly Module[] {
  return text.split('\n').flatMap((line, firstLine) => {
    const [, path] = /^\/\/ ((?:[\w.@-]+\/)+[\w.@-]+\.[cm]?[jt]sx?)$/.exec(line) ?? []
    return path === undefined ? [] : [{ file: `/${path}`, firstLine }]
  })
}
