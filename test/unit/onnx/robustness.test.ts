import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { writeMessage } from '../../../lib/onnx/message.js'
import * as schema from '../../../lib/onnx/schema.js'
import { Writer } from '../../../lib/onnx/writer.js'
import { editAnyOnnx, onnxSeeds, readAnyOnnx } from '../../support/onnx-fuzz.js'

const test = suite('onnx robustness')
const seeds = onnxSeeds()

test('the seeds are models', () => {
  assert.is(seeds.filter(readAnyOnnx).length, seeds.length - 2, 'strings and sequences have no type in a session')
})

test('all seeds can be edited, lifted and folded', () => {
  assert.is(seeds.filter(editAnyOnnx).length, seeds.length)
})

test('random bytes give an error of ours or a model, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void (readAnyOnnx(bytes), editAnyOnnx(bytes))),
    { seed: 1, numRuns: 2000 },
  )
})

test('models with changed, removed, doubled and inserted bytes give an error of ours or a model', () => {
  const edit = fc.record({ kind: fc.nat(3), at: fc.nat(), byte: fc.nat(255), length: fc.integer({ min: 1, max: 40 }) })
  const edited = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([bytes, edits]) => edits.reduce(apply, bytes))
  fc.assert(
    fc.property(edited, (bytes) => void (readAnyOnnx(bytes), editAnyOnnx(bytes))),
    { seed: 1, numRuns: 3000 },
  )
})

test('every single bit of a model may be wrong', () => {
  const bytes = Uint8Array.from(seeds[8] as Uint8Array)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const at = bit >> 3
    const right = bytes[at] as number
    bytes[at] = right ^ (1 << (bit & 7))
    readAnyOnnx(bytes)
    editAnyOnnx(bytes)
    bytes[at] = right
  }
})

/** 100,000 parts of two bytes each: a reader that made an object and three arrays of each would need some 30 MB. */
const hostile: Record<string, () => Uint8Array> = {
  'empty nodes': () => inGraph(repeated(schema.graphProto.node.number)),
  'empty initializers': () => inGraph(repeated(schema.graphProto.initializer.number)),
  'empty dimensions': () =>
    inGraph(input(writeMessage(schema.typeProto, { tensorType: writeMessage(schema.tensorTypeProto, { shape: repeated(1) }) }))),
  'dimensions of an initializer': () => inGraph(writeMessage(schema.graphProto, { initializer: [repeated(1)] })),
  'inputs of a node': () => inGraph(writeMessage(schema.graphProto, { node: [repeated(1)] })),
  'one long name': () => inGraph(writeMessage(schema.graphProto, { node: [new Writer().bytes(4, new Uint8Array(2_000_000).fill(65))] })),
  'operator sets': () => new Writer().int64(1, 8).raw(repeated(8).finish()).finish(),
}

for (const [name, make] of Object.entries(hostile)) {
  test(`a file of ${name} needs little memory and time`, async () => {
    const started = performance.now()
    await readInSmallHeap(make())
    assert.ok(performance.now() - started < 20_000)
  })
}

test.run()

function repeated(field: number): Writer {
  const parts = new Uint8Array(200_000)
  for (let at = 0; at < parts.length; at += 2) parts[at] = (field << 3) | 2
  return new Writer().raw(parts)
}

function input(type: Writer): Writer {
  return writeMessage(schema.graphProto, { input: [writeMessage(schema.valueInfoProto, { name: 'x', type })] })
}

function inGraph(graph: Writer): Uint8Array {
  return writeMessage(schema.modelProto, { irVersion: 8, graph }).finish()
}

/** In a thread that may use 28 MB of JS memory: beyond them V8 ends it, and this rejects. */
function readInSmallHeap(bytes: Uint8Array): Promise<void> {
  const source = `
    const { tsx, module, bytes } = require('node:worker_threads').workerData
    import(tsx).then(({ register }) => (register(), import(module))).then(({ readAnyOnnx }) => readAnyOnnx(bytes))
  `
  const tsx = import.meta.resolve('tsx/esm/api')
  const module = import.meta.resolve('../../support/onnx-fuzz.ts')
  const worker = new Worker(source, {
    eval: true,
    workerData: { tsx, module, bytes },
    resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
  })
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the thread ended with ${code}`))))
  })
}

function apply(bytes: Uint8Array, { kind, at, byte, length }: { kind: number; at: number; byte: number; length: number }): Uint8Array {
  const start = at % (bytes.length + 1)
  const [head, tail] = [bytes.subarray(0, start), bytes.subarray(start)]
  const rest = [tail.subarray(Math.min(1, tail.length)), tail.subarray(Math.min(length, tail.length)), tail, tail][kind] as Uint8Array
  const added = [Uint8Array.of(byte), new Uint8Array(0), tail.subarray(0, length), new Uint8Array(length).fill(byte)][kind] as Uint8Array
  return Uint8Array.from(Buffer.concat([head, added, rest]))
}
