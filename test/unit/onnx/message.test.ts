import * as fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { readMessage, writeMessage } from '../../../lib/onnx/message.js'
import { attributeProto, graphProto, nodeProto, tensorProto } from '../../../lib/onnx/schema.js'
import { Reader } from '../../../lib/onnx/wire.js'
import { Writer } from '../../../lib/onnx/writer.js'
import { failure } from '../../support/failure.js'

const test = suite('onnx message')
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0'))

test('what is written by schema is read by schema', () => {
  const fields = { input: fc.array(text), output: fc.array(text), name: text, opType: text, domain: text }
  const node = fc.record(fields, { noNullPrototype: true })
  fc.assert(
    fc.property(node, (values) => {
      const read = { input: [] as string[], output: [] as string[], name: '', opType: '', domain: '' }
      readMessage(new Reader(writeMessage(nodeProto, values).finish()), nodeProto, {
        input: (value) => read.input.push(value),
        output: (value) => read.output.push(value),
        name: (value) => (read.name = value),
        opType: (value) => (read.opType = value),
        domain: (value) => (read.domain = value),
      })
      assert.equal(read, values)
    }),
    { seed: 1 },
  )
})

test('numbers of every kind come back', () => {
  const read: unknown[] = []
  const push = (value: unknown) => read.push(value)
  const written = writeMessage(attributeProto, { f: 0.5, i: -3n, s: Uint8Array.of(1), floats: [1, 2], ints: [2n ** 62n, -1], type: 7 })
  readMessage(new Reader(written.finish()), attributeProto, { f: push, i: push, s: push, floats: push, ints: push, type: push })
  assert.equal(read, [0.5, -3n, Uint8Array.of(1), 1, 2, 2n ** 62n, -1n, 7])
})

test('fields that are unknown, or that nobody asked for, are stepped over', () => {
  const unknown = new Writer().text(1000, 'from a later version').int64(999, 1)
  const dims: bigint[] = []
  const written = new Writer()
    .raw(unknown.finish())
    .raw(writeMessage(tensorProto, { dims: [4], name: 'w' }).finish())
    .raw(unknown.finish())
  readMessage(new Reader(written.finish()), tensorProto, { dims: (value) => dims.push(value) })
  assert.equal(dims, [4n])
})

test('fields may come in any order', () => {
  const written = new Writer().text(tensorProto.name.number, 'w').int64(tensorProto.dims.number, 4)
  const seen: unknown[] = []
  readMessage(new Reader(written.finish()), tensorProto, { dims: (value) => seen.push(value), name: (value) => seen.push(value) })
  assert.equal(seen, ['w', 4n])
})

test('a singular message that comes twice is refused: protobuf would merge the two', () => {
  const twice = new Writer().message(attributeProto.t.number, new Writer()).message(attributeProto.t.number, new Writer())
  const error = failure(() => readMessage(new Reader(twice.finish()), attributeProto, { t: () => {} }))
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.is(error.details.offset, 2)
})

test('a repeated message may come many times', () => {
  let count = 0
  const written = writeMessage(graphProto, { node: [new Writer(), new Writer()] })
  readMessage(new Reader(written.finish()), graphProto, { node: () => count++ })
  assert.is(count, 2)
})

test.run()
