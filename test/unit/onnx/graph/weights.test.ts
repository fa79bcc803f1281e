import * as assert from 'uvu/assert'
import { toBfloat16, toFloat16 } from '../../../../lib/core/float16.js'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { Weights } from '../../../../lib/onnx/graph/weights.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import { Writer } from '../../../../lib/onnx/writer.js'
import { failure } from '../../../support/failure.js'
import { everyForm, tensorProto, withGraph } from '../../../support/graph-models.js'
import * as models from '../../../support/models.js'
import { suite } from '../../../support/suite.js'

const test = suite('onnx weights')

const forms = readOnnx(everyForm()).graph.initializers
const stored = (name: string) => forms.get(name)!

for (const name of ['raw', 'float_data', 'float_data packed', 'float_data in two packs', 'double_data']) {
  test(`floats from ${name}`, () => assert.equal([...stored(name).floats()], [1, 2]))
}

test('floats of 16 bits are widened exactly', () => {
  assert.equal([...stored('float16').floats()], [1, -2])
  assert.equal([...stored('bfloat16').floats()], [1, -2])
  const values = Float32Array.of(0.5, 65504, -0)
  assert.equal([...Weights.of('h', 'float16', [3], toFloat16(values)).floats()], [...values])
  assert.equal([...Weights.of('b', 'bfloat16', [1], toBfloat16(Float32Array.of(3))).floats()], [3])
})

const whole: Readonly<Record<string, readonly bigint[]>> = {
  int32_data: [1n, -2n],
  'int32_data packed': [1n, -2n],
  int8: [1n, -2n],
  uint16: [1n, 65_535n],
  int4: [1n, -1n, 7n],
  bool: [1n, 0n],
  int64_data: [1n, -(2n ** 63n)],
  uint64_data: [1n, 2n ** 64n - 1n],
  uint32: [1n, 2n ** 32n - 1n],
}
for (const [name, values] of Object.entries(whole)) {
  test(`integers from ${name}`, () => assert.equal(stored(name).integers(), values))
}

test('strings, scalars and tensors of no elements', () => {
  assert.equal(stored('strings').strings().map(String), ['97', '98'])
  assert.is(stored('strings').data, null)
  assert.is(stored('scalar').size, 1)
  assert.equal([...stored('scalar').floats()], [7])
  assert.is(stored('empty').size, 0)
  assert.equal([...stored('empty').floats()], [])
  assert.not.ok(forms.has('newer type'))
  assert.equal(Weights.ofStrings('s', [1], ['ü']).strings(), [new Uint8Array([195, 188])])
})

test('aligned values are a view, others a copy with the same numbers', () => {
  const memory = new Uint8Array(12)
  memory.set(new Uint8Array(Float32Array.of(5).buffer), 4)
  const aligned = Weights.fromBytes('w', 'float32', [1], memory.subarray(4, 8)).floats()
  assert.is(aligned.buffer, memory.buffer)
  memory.copyWithin(5, 4, 8)
  const unaligned = Weights.fromBytes('w', 'float32', [1], memory.subarray(5, 9)).floats()
  assert.is.not(unaligned.buffer, memory.buffer)
  assert.equal([...unaligned], [5])
  // Buffer.slice gives views: a trap that a copy by it would fall into.
  assert.equal([...Weights.fromBytes('w', 'float32', [1], Buffer.from(memory).subarray(5, 9)).floats()], [5])
})

test('a rename changes the name and nothing else, however the values are stored', () => {
  for (const [name, weights] of forms) {
    const model = readOnnx(everyForm())
    model.graph.initializers = new Map([['renamed', weights.renamed('renamed')]])
    const again = readOnnx(writeOnnx(model)).graph.initializers.get('renamed')!
    assert.is(again.name, 'renamed')
    assert.equal([again.type, again.dims, again.data], [weights.type, weights.dims, stored(name).data])
  }
})

test('a rename keeps fields that no schema knows, and a tensor stored under another key gets that name', () => {
  const tensor = tensorProto('w', 1, [1], (writer) => writer.float(4, 1)).text(12, 'documentation')
  const model = readOnnx(withGraph({ initializer: [tensor] }))
  model.graph.initializers = new Map([['v', model.graph.initializers.get('w')!]])
  const bytes = writeOnnx(model)
  assert.ok(Buffer.from(bytes).includes('documentation'))
  assert.equal([...readOnnx(bytes).graph.initializers.get('v')!.floats()], [1])
})

test('more or fewer values than the shape says are an error when somebody asks, and asking costs no memory', () => {
  const wrong = (type: number, dims: readonly number[], data: (writer: Writer) => Writer) =>
    readOnnx(withGraph({ initializer: [tensorProto('w', type, dims, data)] })).graph.initializers.get('w')!
  const cases = [
    wrong(1, [2], (writer) => writer.bytes(9, new Uint8Array(4))),
    wrong(1, [2], (writer) => writer.float(4, 1)),
    wrong(7, [2 ** 40], (writer) => writer.int64(7, 1)),
    wrong(6, [2 ** 40], (writer) => writer),
  ]
  for (const weights of cases) assert.is(failure(() => weights.bytes()).code, 'TRT_ERR_MODEL')
  assert.is(failure(() => Weights.of('w', 'float32', [3], new Float32Array(2))).code, 'TRT_ERR_MODEL')
})

test('values of another kind than asked for are an error, and so are external ones without a folder', () => {
  assert.is(failure(() => stored('int8').floats()).code, 'TRT_ERR_TYPE')
  assert.is(failure(() => stored('raw').integers()).code, 'TRT_ERR_TYPE')
  assert.is(failure(() => stored('raw').strings()).code, 'TRT_ERR_TYPE')
  const external = readOnnx(models.external()).graph.initializers.get('w')!
  assert.equal(external.external, { location: 'weights.bin', offset: 4096, length: 8 })
  assert.is(external.data, null)
  const error = failure(() => external.floats())
  assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
  assert.match(error.message, 'openOnnx')
})

test('external data outside of the folder is refused when the model is read', () => {
  assert.is(failure(() => readOnnx(models.external({ location: '../weights.bin', length: 8 }))).code, 'TRT_ERR_MODEL')
})

test.run()
