// Prints "passed failed" of a report by Vitest's json reporter; a file that could not be loaded counts as one failure.
const { readFileSync } = require('node:fs')

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
)
console.log(`${report.numPassedTests} ${report.numFailedTests + broken.length}`)
