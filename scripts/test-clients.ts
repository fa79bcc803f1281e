/**
 * Runs test/clients: other people's clients against our server. They are fetched from PyPI with pip into .cache/clients, and are
 * no dependency of the package.
 * Usage: npm run test:clients [-- FILTER…]
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { installPython } from './support/pip.js'
import { isMain, repository } from './support/report.js'

const clients = { name: 'tritonclient', version: '2.73.0', extra: 'http', dependencies: true }

function main(): number {
  const env = { ...process.env, TEST_CLIENTS_PYTHON: installPython('clients', clients) }
  const filters = process.argv.slice(2).map((filter) => `test/clients/${filter}`)
  const runner = [
    '--import',
    'tsx',
    join(repository, 'scripts/run-tests.ts'),
    '--jobs',
    '1',
    ...(filters.length === 0 ? ['test/clients/'] : filters),
  ]
  return spawnSync(process.execPath, runner, { cwd: repository, env, stdio: 'inherit' }).status ?? 1
}

if (isMain(import.meta.url)) process.exitCode = main()
