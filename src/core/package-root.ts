import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/**
 * The folder of this package, for what lies beside its code: profiles, the launcher. Looked for upwards, since a release
 * is bundled and no module knows how deep its code lies then; that is also why nothing else asks where it is.
 */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'bin/run.cjs')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** False where the sources run as they are. */
export function isBuilt(): boolean {
  return extname(import.meta.filename) === '.js'
}

/**
 * What to start for a module that is a program of its own, built or not.
 *
 * @param path from the package's root, without extension; `.ci/build.js` lists it among its entries.
 */
export function programFile(path: string): string {
  return isBuilt() ? join(packageRoot(), 'dist', `${path}.js`) : join(packageRoot(), `${path}.ts`)
}
