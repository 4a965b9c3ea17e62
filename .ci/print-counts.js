// The one line that is read by whoever runs .ci/run: taken from vitest's JSON report, whose summary has another form.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const skipped = report.numPendingTests + report.numTodoTests
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
)
const failed = report.numFailedTests + brokenFiles.length

for (const { name } of brokenFiles) console.log(`could not run: ${name}`)
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`)
if (failed > 0 || report.numPassedTests === 0) process.exitCode = 1
