import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { parseModelConfig } from '../../../../lib/server/repository/config.js'
import { parseTextFormat } from '../../../../lib/server/repository/text-format.js'
import { failure } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

/** Triton's model configurations. */
const test = suite('config.pbtxt')

const whole = `
name: "ocr"   # a comment
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "x" data_type: TYPE_FP32 dims: [ 3, -1, -1 ] } ]
output [
  { name: "y" data_type: TYPE_FP32 dims: [ 10 ] label_filename: 'labels.txt' }
]
instance_group [ { count: 2 kind: KIND_GPU gpus: [ 0 ] }, { kind: KIND_CPU } ]
dynamic_batching {
  max_queue_delay_microseconds: 1500
  default_queue_policy < max_queue_size: 64 >
}
`

test('what is followed is read', () => {
  assert.equal(parseModelConfig(whole), {
    maxBatch: 8,
    lanes: 3,
    batching: { maxQueueDelay: 1.5, maxQueue: 64 },
    labelFiles: { y: 'labels.txt' },
    ignored: [],
  })
})

test('what is not followed is named', () => {
  const { ignored, batching } = parseModelConfig('ensemble_scheduling {}\ndynamic_batching { preserve_ordering: true }')
  assert.equal(ignored, ['ensemble_scheduling', 'dynamic_batching.preserve_ordering'])
  assert.equal(batching, { maxQueueDelay: undefined, maxQueue: undefined })
})

test('an empty configuration says nothing', () => {
  assert.equal(parseModelConfig(''), { maxBatch: undefined, lanes: undefined, batching: undefined, labelFiles: {}, ignored: [] })
})

test('repeated fields gather, in either form', () => {
  assert.equal(
    [...parseTextFormat('a: 1 a: [2, 3]; b { c: true }, b { c: false }')],
    [
      ['a', [1, 2, 3]],
      ['b', [new Map([['c', [true]]]), new Map([['c', [false]]])]],
    ],
  )
})

const broken: readonly [what: string, text: string, line: number][] = [
  ['a brace that is not closed', 'a {\n b: 1', 2],
  ['a value without its colon', 'a 1', 1],
  ['a list without its end', 'a: [1 2]', 1],
  ['a sign of no meaning', 'a: 1\n\n@', 3],
  ['a quote that is not closed', 'a: "x\n', 1],
]
for (const [what, text, line] of broken) {
  test(`${what} is told with its line`, () => {
    const { code, details } = failure(() => parseTextFormat(text))
    assert.is(code, 'TRT_ERR_FILE')
    assert.is(details['line'], line)
  })
}

test('braces in braces have an end', () => {
  assert.is(failure(() => parseTextFormat('a{'.repeat(10_000))).code, 'TRT_ERR_FILE')
})

test('a field of another kind is refused', () => {
  assert.match(failure(() => parseModelConfig('max_batch_size: "eight"')).message, /max_batch_size/)
  assert.match(failure(() => parseModelConfig('dynamic_batching: 3')).message, /braces/)
})

test('random text is read or refused, never anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', ':', '{', '}', '[', ']', '1', '"x"', ',', '#', '\n', '-')), (parts) => {
      try {
        parseTextFormat(parts.join(' '))
      } catch (error) {
        assert.is((error as { code: string }).code, 'TRT_ERR_FILE')
      }
    }),
  )
})

test.run()
