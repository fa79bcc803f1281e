/**
 * Every check that needs no build, one line each; output only of those that fail.
 * Usage: node --import tsx scripts/check.ts [NAME…]
 */
import { killChildren, runChild } from './support/child.js'
import { repository } from './support/report.js'

const script = (name: string, ...args: string[]) => [process.execPath, '--import', 'tsx', `scripts/${name}.ts`, ...args]
const tool = (name: string, ...args: string[]) => [`node_modules/.bin/${name}`, ...args]

const checks: Readonly<Record<string, readonly string[]>> = {
  layers: script('check-layers'),
  tests: script('check-tests'),
  types: tool('tsc', '-p', 'tsconfig.json'),
  lint: tool('oxlint', '--type-aware', '--deny-warnings'),
  format: tool('biome', 'format', '--colors=off'),
  'clang-format': script('clang-format'),
}

async function check(name: string, [command = '', ...args]: readonly string[]): Promise<boolean> {
  const { code, stdout, stderr, elapsedMs } = await runChild(command, args, { cwd: repository })
  const said = `${stdout}${stderr}`.trim()
  // A check that has one thing to say (how many files, or that it was skipped) says it on its line.
  const remark = code === 0 && !said.includes('\n') ? said : ''
  const mark = code !== 0 ? 'FAIL' : remark.startsWith('skipped') ? 'skip' : 'ok  '
  console.log(`${mark} ${name.padEnd(13)}${remark}  (${(elapsedMs / 1000).toFixed(1)} s)`)
  if (code !== 0) console.log(said.replace(/^/gm, '     '))
  return code === 0
}

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in checks))
if (unknown.length > 0)
  throw new Error(`Expected names of checks (${Object.keys(checks).join(', ')}) but received "${unknown.join('", "')}"`)
process.on('SIGINT', () => {
  killChildren()
  process.exit(130)
})

let failures = 0
for (const [name, command] of Object.entries(checks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  if (!(await check(name, command))) failures += 1
}
console.log(failures === 0 ? 'every check passed' : `${failures} of the checks failed`)
process.exitCode = failures === 0 ? 0 : 1
