import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { DataType } from '../../../lib/core/dtypes.js'
import { inspectModel } from '../../../lib/onnx/inspect.js'
import { modelTypes } from '../../../lib/onnx/types.js'
import { failure } from '../../support/failure.js'
import * as models from '../../support/models.js'
import { type Dim, model } from '../../support/onnx.js'

const test = suite('onnx types')
const one = (name: string, type: DataType = 'float32', dims: readonly Dim[] = [1]) =>
  inspectModel(model({ inputs: [{ name, type, dims }], outputs: [{ name: 'y', type: 'int64', dims: [] }], nodes: [] }))

test('writes inputs and outputs with their types and shapes', () => {
  assert.is(
    modelTypes(inspectModel(models.several())),
    `// Made by \`tensorrt-node types\`; do not edit.
export interface Model {
  inputs: {
    /** float32 [N, 2] */
    x: { type: 'float32'; shape: ['N', 2] }
  }
  outputs: {
    /** float32 [N, 2] */
    sum: { type: 'float32'; shape: ['N', 2] }
    /** float32 [N, 2] */
    twice: { type: 'float32'; shape: ['N', 2] }
    /** int64 [2] */
    shape: { type: 'int64'; shape: [2] }
  }
}
`,
  )
})

test('shows scalars, free sizes without a name, and unknown ranks', () => {
  assert.match(modelTypes(inspectModel(models.scalar())), "/** float32 [] */\n    x: { type: 'float32'; shape: [] }")
  assert.match(modelTypes(one('x', 'float32', ['', 3])), "/** float32 [?, 3] */\n    x: { type: 'float32'; shape: [-1, 3] }")
  assert.match(modelTypes(inspectModel(models.anyRank())), "/** float32 of any rank */\n    x: 'float32'")
})

test('takes another name for the interface, if it is one', () => {
  assert.match(modelTypes(one('x'), 'Ocr'), 'export interface Ocr {')
  for (const name of ['', '1st', 'a b', 'x { } //']) assert.is(failure(() => modelTypes(one('x'), name)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('a model without inputs has none', () => {
  assert.match(modelTypes(inspectModel(model({ inputs: [], outputs: [], nodes: [] }))), '  inputs: {}\n  outputs: {}\n')
})

test('every type of a session is written', () => {
  for (const type of models.identityTypes) assert.match(modelTypes(one('x', type)), `x: { type: '${type}'; shape: [1] }`)
})

test('values that no session takes are refused by name', () => {
  const text = failure(() => modelTypes(inspectModel(models.strings())))
  assert.is(text.code, 'TRT_ERR_UNSUPPORTED')
  assert.match(text.message, /Input 'x'.*received string/)
  assert.match(failure(() => modelTypes(inspectModel(models.sequence()))).message, /Output 'y'.*received a sequence/)
})

test('names that are no identifiers, and comments that would end early, still compile', () => {
  const names = ['input.1', "it's", 'a"b', 'back\\slash', '0', 'new', '線', 'a*/b', 'line\nbreak', '\\"', '\u2028', '__proto__', '${x}']
  const inputs = names.map((name) => ({ name, type: 'float32' as const, dims: ['*/ x: 1 }', 'a\nb', '\u2028'] }))
  const text = modelTypes(inspectModel(model({ inputs, outputs: [], nodes: [] })))
  const uses = names.map((name) => `export const n${names.indexOf(name)}: Model['inputs'][${JSON.stringify(name)}]['type'] = 'float32'`)
  const wrong = `// @ts-expect-error: no such input\nexport type No = Model['inputs']['none']`
  compile({ 'model.d.ts': text, 'use.ts': `import type { Model } from './model.js'\n${uses.join('\n')}\n${wrong}\n` })
})

test.run()

function compile(files: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'model-types-'))
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--types', '', '--skipLibCheck', 'false']
    execFileSync(process.execPath, [tsc, ...flags, 'model.d.ts', 'use.ts'], { cwd: folder, encoding: 'utf8' })
  } catch (error) {
    throw new Error(`${(error as { stdout?: string }).stdout}\n${files['model.d.ts']}`, { cause: error })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
