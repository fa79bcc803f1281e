/**
 * Every test file can run and hides nothing. A uvu file that forgets `test.run()` passes with no test and exit code 0;
 * the runner (run-tests.ts) sees that when it happens, this check before.
 * Usage: node --import tsx scripts/check-tests.ts [root]
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder } from './support/files.js'
import { withoutTexts } from './support/imports.js'
import { isMain, reportProblems, repository } from './support/report.js'

/** Test files by path, relative to `root`. */
export function testFiles(root: string): string[] {
  return filesUnder(root, 'test', (path) => path.endsWith('.test.ts'))
}

export function testProblems(root: string): string[] {
  const misnamed = filesUnder(root, 'test', (path) => /\.[cm]?[jt]s$/.test(path) && !path.endsWith('.test.ts'))
    .filter((path) => /^\s*\w+\.run\(\)/m.test(withoutTexts(readFileSync(join(root, path), 'utf8'))))
    .map((path) => `${path}:1: runs a suite, but only files that end in .test.ts are found by the runner`)
  return [...misnamed, ...testFiles(root).flatMap((path) => fileProblems(path, readFileSync(join(root, path), 'utf8')))]
}

/** Problems of one test file, as `file:line: what`. */
export function fileProblems(path: string, source: string): string[] {
  const code = withoutTexts(source)
  const suites = [...code.matchAll(/\b(?:const|let)\s+(\w+)\s*=\s*suite\b/g)].map((match) => match[1] ?? '')
  const silent = suites.filter((name) => !new RegExp(`\\b${name}\\.run\\(\\)`).test(code))
  const problems = silent.map((name) => `${path}:1: the suite "${name}" is never run: end the file with ${name}.run()`)
  if (suites.length === 0) problems.push(`${path}:1: declares no uvu suite`)
  return [...problems, ...narrowed(path, source, suites)]
}

/** `.only` and `.skip` of a suite need a reason in a comment on the same line or the line above. */
function narrowed(path: string, source: string, suites: readonly string[]): string[] {
  const text = source.split('\n')
  const call = new RegExp(`\\b(?:${suites.join('|')})\\.(only|skip)\\(`)
  return withoutTexts(source)
    .split('\n')
    .flatMap((line, index) => {
      const method = suites.length > 0 ? call.exec(line)?.[1] : undefined
      const commented = [text[index - 1], text[index]].some((near) => /\/\/\s*\S+/.test(near ?? ''))
      return method === undefined || commented ? [] : [`${path}:${index + 1}: .${method}() without a comment that gives the reason`]
    })
}

if (isMain(import.meta.url)) {
  const root = process.argv[2] ?? repository
  reportProblems('check-tests', `${testFiles(root).length} test files`, testProblems(root))
}
