/**
 * Takes out of oclif what costs each start and serves llmr nothing, together half of `node -e 0`: it looks whether Windows
 * runs this Linux, to name the platform, for which `llmr --version` has Node's word; and it sorts the commands by locale,
 * for which V8 loads its tables, where ids are plain ASCII. If oclif changes there, this does nothing, and only time is lost.
 */
export const lightOclif = {
  name: 'light-oclif',
  resolveId: { filter: { id: /^wsl-utils$/ }, handler: () => 'no-wsl' },
  load: {
    filter: { id: /^no-wsl$/ },
    handler: () => `export const isWsl = false\nexport const powerShellPath = async () => 'powershell.exe'`,
  },
  transform: {
    filter: { id: /@oclif\/core\/lib\/config\/plugin\.js$/ },
    handler: (code) => code.replace('a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)'),
  },
}
