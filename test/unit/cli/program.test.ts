import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { cli } from '../../support/cli.js'

const test = suite('command line')
const commands = ['build', 'run', 'inspect', 'bench', 'types', 'doctor', 'rebuild']

test('--help names every command and the exit codes', async () => {
  const { code, out, err } = await cli(['--help'])
  assert.equal([code, err], [0, ''])
  for (const command of commands) assert.match(out, new RegExp(`^  ${command} `, 'm'))
  for (const code of [0, 1, 2, 130]) assert.match(out, new RegExp(`^  ${code} +\\w`, 'm'))
})

for (const command of commands) {
  test(`${command} --help has an example and the common flags`, async () => {
    const { code, out } = await cli([command, '--help'])
    assert.is(code, 0)
    assert.match(out, new RegExp(`Example:\n  \\$ (npx )?tensorrt-node ${command}`))
    for (const flag of ['--json', '--quiet', '--verbose']) assert.match(out, flag)
  })
}

test('--version is the version of the package', async () => {
  assert.match((await cli(['--version'])).out, /^\d+\.\d+\.\d+\n$/)
})

test('wrong use ends with 2 and a suggestion where one is near', async () => {
  const of = async (...argv: string[]) => {
    const { code, out, err } = await cli(argv)
    assert.equal([code, out], [2, ''], argv.join(' '))
    return err
  }
  assert.match(await of('bulid'), 'Did you mean build?')
  assert.match(await of('build', '--saveengine=x'), 'Did you mean --saveEngine?')
  assert.match(await of('bench', 'm', '--duration=fast'), 'Expected a number of at least 0 for --duration but received "fast"')
  assert.match(await of('run', 'm', '--precision=fp61'), 'Allowed choices are as-is, fp32')
  assert.match(await of('bench', 'm', '--lanes=2', '--infStreams=2'), 'cannot be used with')
  assert.match(await of('inspect', 'a', 'b'), 'too many arguments')
  assert.match(await of('inspect'), "missing required argument 'file'")
  assert.match(await of('run'), 'Expected a model but received none')
  assert.match(await of('run', 'a.onnx', '--onnx=b.onnx'), 'Expected one model but received a.onnx and b.onnx')
  assert.match(await of('build', 'a.onnx'), 'Expected --saveEngine (or -o), or --cacheDir')
  await of()
})

test('what fails ends with 1, its code and message on standard error', async () => {
  const { code, out, err } = await cli(['inspect', '/no/such/file'])
  assert.equal([code, out], [1, ''])
  assert.match(err, /^TRT_ERR_FILE: Cannot read "\/no\/such\/file": there is no such file\..*\n$/)
})

test('with --json an error is an object on standard output, wrong use included', async () => {
  const failed = await cli(['inspect', '/no/such/file', '--json'])
  assert.is(failed.code, 1)
  const { error } = JSON.parse(failed.out) as { error: { code: string; details: { path: string } } }
  assert.equal([error.code, error.details.path], ['TRT_ERR_FILE', '/no/such/file'])
  const wrong = await cli(['inspect', '--json', '--jsn'])
  assert.is(wrong.code, 2)
  assert.is((JSON.parse(wrong.out) as { error: { code: string } }).error.code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('--verbose shows where an error comes from', async () => {
  assert.match((await cli(['inspect', '/no/such/file', '--verbose'])).err, /\n +at .*\n[^]*Caused by: /)
})

test.run()
