import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { mapLimited, probe } from '../../lib/doctor/child.js'
import { diagnose } from '../../lib/doctor/diagnose.js'
import { cli } from '../support/cli.js'

const test = suite('doctor')
/** Calls in the C library: what a broken library does when it is loaded. */
const inLibc = (symbol: string) => ({ kind: 'library', name: 'libc.so.6', calls: { [symbol]: 'int()' }, preload: [] }) as const
const limitMs = 20_000

test('a probe answers what a library says', async () => {
  const { answer, error } = await probe(inLibc('getpid'), limitMs)
  assert.is(error, null)
  assert.match(answer?.path ?? '', /libc\.so\.6$/)
  assert.ok(Number(answer?.values['getpid']) > 0 && answer?.values['getpid'] !== process.pid, 'not in this process')
})

test('a library that crashes its process is an error, and this process lives', async () => {
  const { answer, error } = await probe(inLibc('abort'), limitMs)
  assert.is(answer, null)
  assert.match(error ?? '', 'ended by SIGABRT')
})

test('a library that hangs is ended after the limit', async () => {
  const { answer, error } = await probe(inLibc('pause'), 3000)
  assert.equal([answer, error], [null, 'no answer within 3 s'])
})

test('an aborted probe ends', async () => {
  const { error } = await probe(inLibc('pause'), limitMs, AbortSignal.abort())
  assert.is(error, 'stopped')
})

test('a library that is not there is an answer with the words of the loader', async () => {
  const { answer } = await probe({ kind: 'library', name: 'libnosuch.so.1', calls: {}, preload: [] }, limitMs)
  assert.is(answer?.path, null)
  assert.match(answer?.error ?? '', 'libnosuch.so.1: cannot open shared object file')
})

test('a symbol that is not there is told as null', async () => {
  const { answer } = await probe(inLibc('no_such_symbol'), limitMs)
  assert.is(answer?.values['no_such_symbol'], null)
})

test('diagnose: every library was looked for, and the CPU works', async () => {
  const { addon, onnxRuntime, backends, libraries, verdict } = await diagnose()
  assert.is(addon.error, null)
  assert.match(onnxRuntime.path ?? '', 'libonnxruntime')
  assert.match(onnxRuntime.version ?? '', /^\d+\.\d+\.\d+$/)
  assert.ok(backends.find(({ name }) => name === 'cpu')?.usable)
  for (const { name, lookedFor, found, tried } of libraries) {
    assert.ok(found !== null || tried.length >= lookedFor.length, `${name}: neither found nor tried`)
    assert.ok(
      tried.every(({ error }) => error !== ''),
      `${name}: no reason`,
    )
  }
  assert.is(verdict.usable, true)
})

test('doctor: an addon that cannot be loaded is exit code 1 and one command', async () => {
  const before = process.env['TENSORRT_NODE_ADDON']
  process.env['TENSORRT_NODE_ADDON'] = '/no/such/addon.node'
  try {
    const { code, out } = await cli(['doctor'])
    assert.is(code, 1)
    assert.match(out, /\nNOT USABLE: Nothing can run: the native addon cannot be loaded\.\nTo mend it, run: unset TENSORRT_NODE_ADDON\n$/)
  } finally {
    if (before === undefined) delete process.env['TENSORRT_NODE_ADDON']
    else process.env['TENSORRT_NODE_ADDON'] = before
  }
})

test('doctor: ONNX Runtime that is not where it should be is exit code 1, with the place', async () => {
  process.env['TENSORRT_NODE_ONNXRUNTIME'] = '/no/such/libonnxruntime.so'
  try {
    const { code, out } = await cli(['doctor', '--json'])
    assert.is(code, 1)
    const { verdict, onnxRuntime } = JSON.parse(out) as { verdict: { usable: boolean; command: string }; onnxRuntime: { error: string } }
    assert.equal([verdict.usable, verdict.command], [false, 'unset TENSORRT_NODE_ONNXRUNTIME'])
    assert.match(onnxRuntime.error, '/no/such/libonnxruntime.so')
  } finally {
    delete process.env['TENSORRT_NODE_ONNXRUNTIME']
  }
})

test('work is done at most so much at once, and answers keep their order', async () => {
  let [running, most] = [0, 0]
  const results = await mapLimited([3, 1, 2, 5, 4], 2, async (value) => {
    most = Math.max(most, ++running)
    for (let turn = 0; turn < value; turn++) await Promise.resolve()
    running--
    return value * 10
  })
  assert.equal([results, most], [[30, 10, 20, 50, 40], 2])
})

test.run()
