import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { repository } from '../../../scripts/support/report.js'
import { directivesOf, summaryOf } from '../../../scripts/support/uvu.js'
import { makeTree } from '../../support/tree.js'

const test = suite('run-tests')
const head = "import { suite } from 'uvu'\nimport * as assert from 'uvu/assert'\nconst test = suite('s')\n"
const good = `${head}test('one', () => assert.is(1, 1))\ntest.run()\n`

interface Run {
  code: number | null
  lines: string[]
}

/** Runs the runner over a tree of fixture files named like tests. */
function runOn(files: Record<string, string>, ...args: string[]): Run {
  const tests = Object.entries(files).map(([name, source]) => [`test/${name}.test.ts`, source])
  using tree = makeTree({ 'package.json': '{"type":"module"}', ...Object.fromEntries(tests) }, { modules: true })
  const runner = join(repository, 'scripts/run-tests.ts')
  const result = spawnSync(process.execPath, ['--import', 'tsx', runner, '--root', tree.root, ...args], {
    cwd: repository,
    encoding: 'utf8',
  })
  return { code: result.status, lines: result.stdout.trimEnd().split('\n') }
}

/** One run over every kind of bad file: starting a process for each test would take this suite past its ten seconds. */
const bad = runOn({
  good,
  failing: good.replace('is(1, 1)', 'is(1, 2)'),
  silent: good.replace('test.run()', ''),
  empty: `${head}test.run()`,
  crashing: `${good}setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 100)\n`,
  exiting: `${good}process.on('exit', () => { process.exitCode = 3 })\n`,
  hanging: `// @timeout 2\n${good}setInterval(() => {}, 1000)\n`,
  skipping: good.replace('test.run', "test.skip('two', () => {})\ntest.run"),
  gc: good.replace('assert.is(1, 1)', "assert.type(globalThis.gc, 'function')"),
})

/** What was printed of one file: its own line, and the reason below it. */
function printed(name: string): string {
  const at = bad.lines.findIndex((line) => line.includes(`test/${name}.test.ts`))
  return bad.lines.slice(at, at + 2).join(' ')
}

test('good files: exit code 0 and the closing line alone', () => {
  const { code, lines } = runOn({ a: good, gc: `// @gc\n${good.replace('assert.is(1, 1)', "assert.type(globalThis.gc, 'function')")}` })
  assert.is(code, 0)
  assert.is(lines.at(-1), '2 passed, 0 failed')
})
test('one bad file among good ones: exit code 1, and each is counted', () => {
  assert.is(bad.code, 1)
  // passed: good, crashing, exiting, hanging, skipping. Failed: all but good.
  assert.is(bad.lines.at(-1), '5 passed, 8 failed, 1 skipped')
  assert.match(printed('good'), /^ok {3}test\/good\.test\.ts {2}1 passed {2}/)
})
test('a failing test shows its output', () => {
  assert.match(printed('failing'), /^FAIL .* 0 passed, 1 failed/)
  assert.ok(bad.lines.some((line) => line.includes('FAIL  s  "one"')))
})
test('a file that forgets test.run() fails', () => assert.match(printed('silent'), 'the suite "test" is never run'))
test('a file that runs a suite without tests fails', () => assert.match(printed('empty'), 'executed no test'))
test('a file that crashes after its tests passed fails', () => assert.match(printed('crashing'), 'ended by SIGSEGV'))
test('an exit code that no test explains is a failure', () => assert.match(printed('exiting'), 'exit code 3 although no test failed'))
test('a file that hangs is killed at its limit', () => assert.match(printed('hanging'), 'killed after 2 s'))
test('a skipped test needs a reason', () => assert.match(printed('skipping'), '.skip() without a comment that gives the reason'))
test('--expose-gc is for files that ask for it with @gc', () => assert.match(printed('gc'), /^FAIL/))
test('a skipped test with a reason is counted', () => {
  const { code, lines } = runOn({ a: good.replace('test.run', "// Needs a GPU.\ntest.skip('two', () => {})\ntest.run"), b: good }, 'a.test')
  assert.is(code, 0)
  assert.is(lines.at(-1), '1 passed, 0 failed, 1 skipped')
})
test('no file chosen is a failure', () => {
  const { code, lines } = runOn({ a: good }, 'nothing')
  assert.is(code, 1)
  assert.is(lines.at(-1), '0 passed, 0 failed')
})
test('directives are read from the opening comments only, and an unknown one is an error', () => {
  assert.equal(directivesOf('// @gc @timeout 5\n// @serial\ncode\n// @other'), { gc: true, serial: true, timeoutMs: 5000 })
  assert.throws(() => directivesOf('// @slow'), /Expected @gc, @serial or @timeout SECONDS/)
  assert.throws(() => directivesOf('// @timeout'), /Expected/)
})
test('the summary is the last one printed', () => {
  const closing = (total: number, passed: number, skipped: number) =>
    `  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n`
  assert.equal(summaryOf(`${closing(9, 9, 9)}${closing(3, 2, 1)}`), { passed: 2, failed: 1, skipped: 1 })
  assert.is(summaryOf('no summary'), null)
})

test.run()
