import * as assert from 'uvu/assert'
import { Engine, type Session, type TrtError } from '../../lib/index.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'
import { suite } from '../support/suite.js'

const test = suite('channel')

async function withSession(lines: readonly string[], use: (session: Session) => Promise<void>): Promise<void> {
  const engine = await Engine.load(scriptedModel(lines), { backend: { library: scriptedLibrary } })
  const session = await engine.createSession({ lanes: 2 })
  await use(session)
  await session.close()
  await engine.close()
}

const row = ['input x float32 N,4', 'output y float32 N,4']

test('small outputs of different types arrive whole, each in memory of its own', () =>
  withSession(
    ['input a int8 3', 'input b float64 2', 'input c float32 N', 'output a int8 3', 'output b float64 2', 'output c float32 N'],
    async (session) => {
      const inputs = { a: Int8Array.of(1, -2, 3), b: Float64Array.of(0.1, 1e300), c: Float32Array.of(7) }
      const { a, b, c } = await session.run(inputs)
      assert.equal([a!.data, b!.data, c!.data], [inputs.a, inputs.b, inputs.c])
      assert.equal(c!.shape, [1])
      assert.is(new Set([a!.data.buffer, b!.data.buffer, c!.data.buffer]).size, 3)
    },
  ))

test('outputs stay as they are while later runs finish', () =>
  withSession(row, async (session) => {
    const first = await session.run({ x: Float32Array.of(1, 2, 3, 4) })
    await session.run({ x: Float32Array.of(5, 6, 7, 8) })
    assert.equal(first['y']!.data, Float32Array.of(1, 2, 3, 4))
  }))

// 17 elements are past the loop for a few; 1024 are 4096 bytes, the last size that is small; 1028 the first that is not.
for (const elements of [16, 20, 1024, 1028, 8192]) {
  test(`${elements} elements`, () =>
    withSession(row, async (session) => {
      const x = Float32Array.from({ length: elements }, (_, i) => i)
      const { y } = await session.run({ x })
      assert.equal(y!.data, x)
      assert.equal(y!.shape, [elements / 4, 4])
    }))
}

test('an output without elements', () =>
  withSession(row, async (session) => {
    const { y } = await session.run({ x: { type: 'float32', shape: [0, 4], data: new Float32Array(0) } })
    assert.equal([y!.shape, y!.data.length], [[0, 4], 0])
  }))

test('more outputs in one batch than the shared memory holds', () =>
  withSession(row, async (session) => {
    const runs = Array.from({ length: 300 }, (_, i) => session.run({ x: new Float32Array(1000).fill(i) }))
    const answers = await Promise.all(runs)
    answers.forEach(({ y }, i) => assert.ok(y!.data.length === 1000 && (y!.data as Float32Array).every((value) => value === i)))
  }))

test('failures and results in one batch keep their own messages and values', () =>
  withSession([...row, 'failEvery 3'], async (session) => {
    const answers = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => session.run({ x: new Float32Array(4).fill(i) })))
    const failed = answers.filter((answer) => answer.status === 'rejected')
    assert.is(failed.length, 10)
    for (const { reason } of failed) assert.match((reason as TrtError).message, 'told to fail')
    answers.forEach((answer, i) => answer.status === 'fulfilled' && assert.is(answer.value['y']!.data[0], i))
  }))

test('a getter that starts another run is refused, and that run is not harmed', () =>
  withSession(row, async (session) => {
    let inner: ReturnType<typeof session.run> | undefined
    const inputs = {
      get x() {
        inner ??= session.run({ x: Float32Array.of(1, 2, 3, 4) })
        return new Float32Array(8)
      },
    }
    const error: TrtError = await session.run(inputs).then(
      () => assert.unreachable() as never,
      (thrown) => thrown,
    )
    assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
    assert.equal((await inner)!['y']!.data, Float32Array.of(1, 2, 3, 4))
  }))

test.run()
