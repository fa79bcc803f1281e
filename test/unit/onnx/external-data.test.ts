import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { externalFiles, resolveExternal, resolveExternalFiles } from '../../../lib/onnx/external-data.js'
import { writeMessage } from '../../../lib/onnx/message.js'
import * as schema from '../../../lib/onnx/schema.js'
import { Writer } from '../../../lib/onnx/writer.js'
import { failure, rejection } from '../../support/failure.js'
import * as models from '../../support/models.js'
import { type Constant, model, tensor } from '../../support/onnx.js'

const test = suite<{ root: string; folder: string }>('onnx external data')
test.before.each((context) => {
  context.root = mkdtempSync(path.join(tmpdir(), 'external-data-'))
  context.folder = path.join(context.root, 'model')
  mkdirSync(context.folder)
})
test.after.each(({ root }) => rmSync(root, { recursive: true }))

const weights = (name: string, entries: Record<string, string | number>, more: Partial<Constant> = {}): Constant => ({
  name,
  type: 'float32',
  dims: [2],
  external: entries,
  ...more,
})
const withWeights = (...initializers: Constant[]) => model({ inputs: [], outputs: [], nodes: [], initializers })
const refused = (bytes: Uint8Array) => {
  const error = failure(() => externalFiles(bytes))
  assert.is(error.code, 'TRT_ERR_MODEL')
  return error
}

test('lists files, their tensors and the bytes they must have', () => {
  const bytes = withWeights(
    weights('a', { location: 'one.bin', offset: 0, length: 8 }),
    weights('b', { location: 'one.bin', offset: 64, length: 8 }),
    weights('c', { location: 'sub/two.bin' }),
    weights('d', { location: 'one.bin', offset: 8 }, { type: 'uint4', dims: [3] }),
  )
  assert.equal(externalFiles(bytes), [
    { location: 'one.bin', tensors: ['a', 'b', 'd'], bytes: 72 },
    { location: 'sub/two.bin', tensors: ['c'], bytes: 8 },
  ])
})

test('a model that keeps its weights inside has none', () => {
  assert.equal(externalFiles(models.addConst()), [])
})

test('entries of a tensor that is not external are not followed, as nobody follows them', () => {
  const inside = writeMessage(schema.tensorProto, {
    name: 'w',
    dataType: 1,
    dims: [1],
    rawData: new Uint8Array(4),
    externalData: [writeMessage(schema.externalDataProto, { key: 'location', value: '/etc/passwd' })],
  })
  assert.equal(externalFiles(modelOf(writeMessage(schema.graphProto, { initializer: [inside] }))), [])
})

test('a data location that is unknown does not hide an earlier one: protobuf ignores it', () => {
  const doubled = new Writer()
    .raw(tensor(weights('w', { location: 'w.bin', length: 8 })).finish())
    .int64(schema.tensorProto.dataLocation.number, 5)
  assert.is(externalFiles(modelOf(writeMessage(schema.graphProto, { initializer: [doubled] }))).length, 1)
})

test('finds references in attributes, subgraphs, sparse tensors and functions', () => {
  const external = (location: string) => tensor(weights('', { location, offset: 0, length: 8 }))
  const node = (values: object) =>
    writeMessage(schema.nodeProto, { opType: 'Constant', output: ['made'], attribute: [writeMessage(schema.attributeProto, values)] })
  const sparse = (location: string) => writeMessage(schema.sparseTensorProto, { values: external(location) })
  const inner = writeMessage(schema.graphProto, {
    initializer: [external('f')],
    node: [node({ g: writeMessage(schema.graphProto, { node: [node({ t: external('g') })] }) })],
  })
  const graph = writeMessage(schema.graphProto, {
    node: [
      node({ t: external('a') }),
      node({ tensors: [external('b')] }),
      node({ sparseTensor: sparse('c') }),
      node({ sparseTensors: [sparse('d')] }),
      node({ graphs: [inner] }),
    ],
    sparseInitializer: [sparse('e')],
  })
  const functions = [
    writeMessage(schema.functionProto, {
      node: [node({ t: external('h') })],
      attributeProto: [writeMessage(schema.attributeProto, { t: external('i') })],
    }),
  ]
  const found = externalFiles(writeMessage(schema.modelProto, { irVersion: 8, graph, functions }).finish())
  assert.is(
    found
      .map(({ location }) => location)
      .sort()
      .join(''),
    'abcdefghi',
  )
  assert.equal(found.find(({ location }) => location === 'a')?.tensors, ['made'])
})

test('a location outside of the folder is refused by name alone', () => {
  const locations = [
    '/etc/passwd',
    '../weights.bin',
    'sub/../../weights.bin',
    '..',
    'C:\\weights.bin',
    'C:weights.bin',
    'sub\\..\\weights.bin',
    '\\\\host\\share',
    '',
    'weights\0.bin',
    '*/_ORT_MEM_ADDR_/*',
  ]
  for (const location of locations) {
    refused(withWeights(weights('w', { location, offset: 0, length: 8 })))
  }
})

test('a location that is not UTF-8 is refused: the file checked must be the file opened', () => {
  const entry = new Writer().text(1, 'location').bytes(2, Uint8Array.of(0x77, 0xff))
  const bad = writeMessage(schema.tensorProto, { name: 'w', dataType: 1, dims: [2], externalData: [entry], dataLocation: 1 })
  refused(modelOf(writeMessage(schema.graphProto, { initializer: [bad] })))
})

test('a second entry of one key is refused: readers differ in which they follow', () => {
  const entry = (value: string) => writeMessage(schema.externalDataProto, { key: 'location', value })
  const twice = writeMessage(schema.tensorProto, { dataType: 1, dims: [2], externalData: [entry('a'), entry('../b')], dataLocation: 1 })
  assert.match(refused(modelOf(writeMessage(schema.graphProto, { initializer: [twice] }))).message, 'one entry "location"')
})

test('an external tensor that protobuf would merge from two parts is refused', () => {
  const part = (entries: Record<string, string>) => tensor(weights('', entries))
  const attribute = new Writer()
    .message(schema.attributeProto.t.number, part({ location: 'a' }))
    .message(schema.attributeProto.t.number, writeMessage(schema.tensorProto, { externalData: [] }))
  refused(modelOf(writeMessage(schema.graphProto, { node: [writeMessage(schema.nodeProto, { attribute: [attribute] })] })))
})

test('offsets and lengths that are no sizes, or do not fit the tensor, are refused', () => {
  const entries = [
    {},
    { location: 'w', offset: -1 },
    { location: 'w', offset: '0x10' },
    { location: 'w', offset: '1e3' },
    { location: 'w', offset: ' 1' },
    { location: 'w', offset: '99999999999999999999' },
    { location: 'w', offset: '9007199254740991' },
    { location: 'w', length: 7 },
    { location: 'w', length: '' },
    { location: 'w', length: 'NaN' },
  ]
  for (const each of entries) refused(withWeights(weights('w', each)))
})

test('strings cannot be external', () => {
  refused(withWeights(weights('w', { location: 'w', length: 8 }, { type: 'string' })))
})

test('finds the file beside the model', async ({ folder }) => {
  models.writeExternal(folder)
  assert.equal(await resolveExternalFiles(models.external(), folder), [
    { location: 'weights.bin', tensors: ['w'], bytes: 4104, path: path.join(folder, 'weights.bin') },
  ])
})

test('takes links that stay inside of the folder, and a folder that is a link itself', async ({ root, folder }) => {
  models.writeExternal(folder)
  symlinkSync('weights.bin', path.join(folder, 'link.bin'))
  symlinkSync(folder, path.join(root, 'alias'))
  assert.is(await resolveExternal('link.bin', path.join(root, 'alias')), path.join(folder, 'weights.bin'))
})

test('refuses links that leave the folder, for files and for folders', async ({ root, folder }) => {
  writeFileSync(path.join(root, 'secret'), 'secret')
  symlinkSync('../secret', path.join(folder, 'weights.bin'))
  symlinkSync('..', path.join(folder, 'up'))
  for (const location of ['weights.bin', 'up/secret']) {
    const error = await rejection(resolveExternal(location, folder))
    assert.is(error.code, 'TRT_ERR_MODEL')
    assert.match(error.message, 'symbolic link')
  }
})

test("a folder whose name begins like the model's is outside", async ({ root, folder }) => {
  mkdirSync(`${folder}-other`)
  writeFileSync(path.join(`${folder}-other`, 'w'), '')
  symlinkSync(path.join(root, 'model-other', 'w'), path.join(folder, 'w'))
  assert.is((await rejection(resolveExternal('w', folder))).code, 'TRT_ERR_MODEL')
})

test('a missing file, a folder and a file too short are errors of the file', async ({ folder }) => {
  assert.match((await rejection(resolveExternal('none.bin', folder))).message, 'ENOENT')
  mkdirSync(path.join(folder, 'sub'))
  const codes = [rejection(resolveExternal('none.bin', folder)), rejection(resolveExternal('sub', folder))]
  for (const { code } of await Promise.all(codes)) assert.is(code, 'TRT_ERR_FILE')
  writeFileSync(path.join(folder, 'weights.bin'), new Uint8Array(4103))
  const short = await rejection(resolveExternalFiles(models.external(), folder))
  assert.equal([short.code, short.details.expected, short.details.received], ['TRT_ERR_FILE', 4104, 4103])
})

test("the model's own folder is no file", async ({ folder }) => {
  for (const location of ['.', './']) assert.is((await rejection(resolveExternal(location, folder))).code, 'TRT_ERR_MODEL')
})

function modelOf(graph: Writer): Uint8Array {
  return writeMessage(schema.modelProto, { irVersion: 8, graph }).finish()
}

test.run()
