import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { fileProblems, testProblems } from '../../../scripts/check-tests.js'
import { makeTree } from '../../support/tree.js'

const test = suite('check-tests')
const good = "import { suite } from 'uvu'\nconst test = suite('s')\ntest('one', () => {})\ntest.run()\n"

test('a file whose suites all run is fine', () => {
  assert.equal(fileProblems('a', good), [])
  assert.equal(fileProblems('a', good.replace('suite(', 'suite<Context>(')), [])
})
test('a suite that is never run is a problem, each by its name', () => {
  const second = "const other = suite('t')\nother('two', () => {})\n"
  assert.equal(fileProblems('a', good + second), ['a:1: the suite "other" is never run: end the file with other.run()'])
})
test('run() in a comment does not count', () => {
  assert.is(fileProblems('a', good.replace('test.run()', '// test.run()')).length, 1)
})
test('a file without a suite is a problem', () => {
  assert.equal(fileProblems('a', 'export {}'), ['a:1: declares no uvu suite'])
})
test('only and skip need a reason beside them', () => {
  const narrowed = (line: string) => fileProblems('a', good.replace("test('one'", line))
  assert.equal(narrowed("test.only('one'"), ['a:3: .only() without a comment that gives the reason'])
  assert.equal(narrowed("reader.skip(4)\ntest('one'"), [])
  assert.equal(narrowed("// No device here.\ntest.skip('one'"), [])
})
test('a file that runs a suite under another name would never be found', () => {
  using tree = makeTree({ 'test/unit/a.test.ts': good, 'test/unit/b.ts': good, 'test/support/c.ts': 'export {}' })
  assert.equal(testProblems(tree.root), ['test/unit/b.ts:1: runs a suite, but only files that end in .test.ts are found by the runner'])
})

test.run()
