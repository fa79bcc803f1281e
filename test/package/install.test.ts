// Builds the addon twice and installs from the registry's cache. @timeout 900
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { repository } from '../../scripts/support/report.js'
import { add } from '../support/models.js'
import { command, consumer, pack, succeed } from '../support/packed.js'

const test = suite('package')
const packed = pack()
// Left out: onnxruntime-node. The platform package has the library, so the folder shows that nothing else is needed.
const install = ['install', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline']
const project = consumer(packed.root, 'project')
const library = `@tensorrt-node/onnxruntime-linux-${process.arch}`
const installed = join(project, 'node_modules/tensorrt-node')

/** Runs a program text in the project. */
const evaluate = (kind: 'module' | 'commonjs', text: string) => command(project, process.execPath, `--input-type=${kind}`, '--eval', text)
const loading =
  "import { Engine } from 'tensorrt-node'; try { await Engine.load('add.onnx'); console.log('loaded') } catch (e) { console.log(e.code, e.message) }"

test.before(() => {
  succeed(project, 'npm', ...install, '--ignore-scripts', packed.tarball, packed.onnxruntime)
  writeFileSync(join(project, 'add.onnx'), add())
})

test('the tarball holds what runs and what rebuilds, and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  const expected = [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'native/sources.gypi',
  ]
  const prebuilt = `prebuilds/linux-${process.arch}/tensorrt-node.glibc.node`
  assert.equal(
    [...expected, prebuilt].filter((path) => !paths.includes(path)),
    [],
  )
  const allowed =
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.*\.(js|d\.ts)|native\/(include|common|addon|cpu|tensorrt)\/[\w/]+\.(h|cc|map)|native\/sources\.gypi|prebuilds\/.*)$/
  assert.equal(
    paths.filter((path) => !allowed.test(path)),
    [],
  )
  const size = packed.files.reduce((sum, file) => sum + file.size, 0)
  assert.ok(size < 4_000_000, `${size} bytes unpacked`)
})
test('no file names a folder of the machine that packed it', () => {
  const places = [packed.root, repository, homedir()].map((place) => Buffer.from(`${place}/`))
  const named = packed.files.filter(({ path }) => {
    const bytes = readFileSync(join(installed, path))
    return places.some((place) => bytes.includes(place))
  })
  assert.equal(named, [])
})
test('there is nothing to run at install, by script or by binding.gyp', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { scripts: object; gypfile: boolean }
  assert.equal(
    Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name)),
    [],
  )
  assert.is(manifest.gypfile, false)
  assert.not.ok(existsSync(join(installed, 'binding.gyp')))
})
test('npm ci of a project that uses it warns of no script and builds nothing', () => {
  const { status, stderr } = command(project, 'npm', 'ci', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline')
  assert.is(status, 0)
  assert.not.match(stderr, 'install-scripts')
  assert.not.ok(existsSync(join(installed, 'build')))
})
test('the benchmark harness has an entry of its own, with types', () => {
  const text =
    "import { benchmark, renderHtml } from 'tensorrt-node/bench'; const report = await benchmark({ run: async () => ({}) }, { inputs: {}, warmUp: 0, duration: 0, iterations: 5, concurrency: 1 }); console.log(report.steps[0].answered, renderHtml(report).length > 1000)"
  const { status, stdout, stderr } = evaluate('module', text)
  assert.equal([status, stdout.trim()], [0, '5 true'], stderr)
  assert.ok(existsSync(join(installed, 'dist/bench/index.d.ts')))
})
test('the patterns for services have an entry of their own, with types', () => {
  const text =
    "import { timeout } from 'tensorrt-node/serving'; console.log(await timeout({ run: async (n) => n + 1 }, { ms: 1000 }).run(1))"
  const { status, stdout, stderr } = evaluate('module', text)
  assert.equal([status, stdout.trim()], [0, '2'], stderr)
  assert.ok(existsSync(join(installed, 'dist/serving/index.d.ts')))
})
test('the platform package is the library, its licence and a manifest', () => {
  const folder = join(project, 'node_modules', library)
  assert.equal(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort(), [
    'LICENSE',
    'lib',
    'lib/libonnxruntime.so.1',
    'package.json',
  ])
  assert.not.ok(existsSync(join(project, 'node_modules/onnxruntime-node')))
})
test('the command line inspects and runs a model', () => {
  const inspected = JSON.parse(succeed(project, 'npx', 'tensorrt-node', 'inspect', 'add.onnx', '--json')) as {
    model: { inputs: { name: string }[] }
  }
  assert.equal(
    inspected.model.inputs.map(({ name }) => name),
    ['a', 'b'],
  )
  assert.match(succeed(project, 'npx', 'tensorrt-node', 'run', 'add.onnx'), /\bc\b/)
})
test('import and require give the same package', () => {
  const text = "const keys = Object.keys(TRT).sort().join(); console.log(keys.includes('Engine'), keys)"
  const imported = evaluate('module', `import * as TRT from 'tensorrt-node'; ${text}`)
  const required = evaluate('commonjs', `const TRT = require('tensorrt-node'); ${text}`)
  assert.match(imported.stdout, /^true /)
  assert.is(required.stdout, imported.stdout)
})
test('its types resolve in a strict project, without skipLibCheck', () => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  }
  const typeRoots = [join(repository, 'node_modules/@types')]
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots, types: ['node'] }, files: ['use.mts'] }),
  )
  // The README's own example, so that it cannot rot.
  const [, use = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(repository, 'README.md'), 'utf8')) ?? []
  assert.match(use, "from 'tensorrt-node'")
  const compile = (text: string) => {
    writeFileSync(join(project, 'use.mts'), text)
    return command(project, join(repository, 'node_modules/.bin/tsc'), '-p', '.')
  }
  assert.is(compile(use).stdout, '')
  assert.match(compile(use.replace('lanes: 2', "lanes: 'two'")).stdout, /error TS/)
})
test('without ONNX Runtime the package imports, and the first use says what is missing', () => {
  const bare = consumer(packed.root, 'bare')
  succeed(bare, 'npm', ...install, packed.tarball)
  writeFileSync(join(bare, 'add.onnx'), add())
  const { stdout } = command(bare, process.execPath, '--input-type=module', '--eval', loading)
  assert.match(stdout, /^TRT_ERR_UNAVAILABLE .*onnxruntime/s)
})

const npm12 = ['exec', '--yes', '--prefer-offline', '--package=npm@12', '--', 'npm']
const installsWithNpm12 = () => {
  const folder = consumer(packed.root, 'npm12')
  const { status, stderr } = command(folder, 'npm', ...npm12, ...install, packed.tarball, packed.onnxruntime)
  assert.is(status, 0, stderr)
  assert.not.match(stderr, /install-scripts|blocked/)
  assert.match(succeed(folder, 'npm', ...npm12, 'install-scripts', 'ls'), /no packages|No packages/)
}
if (command(packed.root, 'npm', ...npm12, '--version').status === 0) test('npm 12 installs it with nothing blocked', installsWithNpm12)
// The registry did not give npm 12: this machine's own npm has been tested above.
else test.skip('npm 12 installs it with nothing blocked', installsWithNpm12)

test('where no binary fits, the error says what is here, what is needed and how to build it; the command builds it', () => {
  rmSync(join(installed, 'prebuilds'), { recursive: true })
  const { stdout } = evaluate('module', loading)
  assert.match(stdout, /^TRT_ERR_ADDON /)
  for (const fact of [`linux-${process.arch}`, `ABI ${process.versions.modules}`, 'glibc', 'npx tensorrt-node rebuild'])
    assert.match(stdout, fact)
  succeed(project, 'npx', 'tensorrt-node', 'rebuild')
  assert.match(evaluate('module', loading).stdout, /^loaded/)
})

test.run()
