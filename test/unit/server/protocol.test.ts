import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { arrayTypes, type TensorType } from '../../../lib/core/dtypes.js'
import { Tensor } from '../../../lib/core/tensor.js'
import { InferBody, type BodyOptions } from '../../../lib/server/protocol/body.js'
import { classify } from '../../../lib/server/protocol/classification.js'
import { longInteger, parseExact } from '../../../lib/server/protocol/exact-json.js'
import { parseRequest } from '../../../lib/server/protocol/parse-request.js'
import { encodeResponse } from '../../../lib/server/protocol/response.js'
import { answerTo } from '../../../lib/server/protocol/status.js'
import { valuesFromJson } from '../../../lib/server/protocol/values.js'
import { failure } from '../../support/failure.js'
import { suite } from '../../support/suite.js'

/** The protocol without a transport: bytes and objects in, bytes and objects out. */
const test = suite('protocol')
const limits: BodyOptions = { headBytes: null, maxTensorBytes: 1024, maxJsonBytes: 4096 }
const values = (type: TensorType, size: number, data: unknown[]) => valuesFromJson('input "x"', type, size, data)
const input = (more: object = {}) => ({ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2], ...more })
const request = (more: object = {}) => parseRequest({ inputs: [input()], ...more })
const model = { name: 'm', version: '1', labels: {} }

test('integers of more than 53 bits survive the parsing', () => {
  const parsed = parseExact('{"a":[9007199254740993,-9223372036854775808,1],"s":"9007199254740993","f":0.12345678901234567}') as {
    a: unknown[]
    s: string
    f: number
  }
  assert.is(longInteger(parsed.a[0]), 9007199254740993n)
  assert.is(longInteger(parsed.a[1]), -(2n ** 63n))
  assert.is(parsed.a[2], 1)
  assert.is(parsed.s, '9007199254740993')
  assert.is(longInteger(parsed.s), undefined)
  assert.is(parsed.f, Number('0.12345678901234567'))
})

test('any JSON document without such integers is parsed as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      if (/\d{16}/.test(text)) return
      assert.equal(parseExact(text), JSON.parse(text))
    }),
  )
})

test('strings are left alone next to long integers, whatever they hold', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseExact(JSON.stringify({ text, long: 0 }).replace(/:0\}$/, ':12345678901234567}')) as {
        text: string
        long: unknown
      }
      assert.is(parsed.text, text)
      assert.is(longInteger(parsed.long), 12345678901234567n)
    }),
  )
})

test('what is no JSON is refused by the code for it', () => {
  assert.is(failure(() => parseExact('{"inputs": [')).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('nested and flat data give the same tensor', () => {
  assert.equal([...values('int32', 4, [1, 2, 3, 4])], [1, 2, 3, 4])
  assert.equal(
    [
      ...values('int32', 4, [
        [1, 2],
        [3, 4],
      ]),
    ],
    [1, 2, 3, 4],
  )
})

const refusals: readonly [what: string, type: TensorType, data: unknown[]][] = [
  ['an integer above the largest', 'uint8', [256]],
  ['an integer below the smallest', 'int8', [-129]],
  ['a fraction for an integer', 'int32', [1.5]],
  ['a float that would become infinite', 'float32', [3.5e38]],
  ['a half that would become infinite', 'float16', [65_536]],
  ['a string', 'float32', ['1']],
  ['null', 'float32', [null]],
  ['a number for a bool', 'bool', [1]],
  ['a double beyond 53 bits for an int64', 'int64', [1e300]],
]
for (const [what, type, data] of refusals) {
  test(`${what} is refused`, () => {
    const { code, details } = failure(() => values(type, 1, data))
    assert.is(code, 'TRT_ERR_TYPE')
    assert.is(details['position'], 0)
  })
}

test('the ends of int64 and uint64 are exact', () => {
  const [low, high] = parseExact('[-9223372036854775808, 9223372036854775807]') as unknown[]
  assert.equal([...values('int64', 2, [low, high])], [-(2n ** 63n), 2n ** 63n - 1n])
  const [top, over] = parseExact('[18446744073709551615, 18446744073709551616]') as unknown[]
  assert.equal([...values('uint64', 1, [top])], [2n ** 64n - 1n])
  assert.is(failure(() => values('uint64', 1, [over])).code, 'TRT_ERR_TYPE')
})

test('a long integer is a float, too', () => {
  assert.equal([...values('float64', 1, parseExact('[100000000000000000000]') as unknown[])], [1e20])
})

test('a shape that claims more than the data holds is refused before memory is taken', () => {
  const { code, details } = failure(() => values('float64', 2 ** 50, [1]))
  assert.is(code, 'TRT_ERR_SHAPE')
  assert.equal(details, { expected: 2 ** 50, received: 1 })
})

test('arrays in arrays have an end', () => {
  let deep: unknown = 1
  for (let i = 0; i < 20; i++) deep = [deep]
  assert.is(failure(() => values('float32', 1, [deep])).code, 'TRT_ERR_SHAPE')
})

const badRequests: readonly [what: string, body: unknown, code: string][] = [
  ['no object', 5, 'TRT_ERR_INVALID_ARGUMENT'],
  ['no inputs', {}, 'TRT_ERR_INVALID_ARGUMENT'],
  ['an unknown field', { inputs: [input()], ouputs: [] }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['an input without a name', { inputs: [{ ...input(), name: 3 }] }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['an unknown datatype', { inputs: [input({ datatype: 'FP8' })] }, 'TRT_ERR_TYPE'],
  ['strings', { inputs: [input({ datatype: 'BYTES' })] }, 'TRT_ERR_TYPE'],
  ['a negative dimension', { inputs: [input({ shape: [-1] })] }, 'TRT_ERR_SHAPE'],
  ['a fraction of a dimension', { inputs: [input({ shape: [1.5] })] }, 'TRT_ERR_SHAPE'],
  ['data and bytes at once', { inputs: [input({ parameters: { binary_data_size: 8 } })] }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['a size that is not the shape’s', { inputs: [{ ...input({ parameters: { binary_data_size: 9 } }), data: undefined }] }, 'TRT_ERR_SHAPE'],
  ['one input twice', { inputs: [input(), input()] }, 'TRT_ERR_NAME'],
  ['an object as a parameter', { inputs: [input()], parameters: { a: {} } }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['a reserved parameter', { inputs: [input()], parameters: { triton_x: 1 } }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['a sequence', { inputs: [input()], parameters: { sequence_id: 7 } }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['a negative timeout', { inputs: [input()], parameters: { timeout: -1 } }, 'TRT_ERR_INVALID_ARGUMENT'],
  ['text for binary_data', { inputs: [input()], outputs: [{ name: 'y', parameters: { binary_data: 'yes' } }] }, 'TRT_ERR_INVALID_ARGUMENT'],
]
for (const [what, body, code] of badRequests) {
  test(`a request with ${what} is refused`, () => assert.is(failure(() => parseRequest(body)).code, code))
}

test('the time-out is told in microseconds, and 0 is none', () => {
  assert.is(request({ parameters: { timeout: 1500 } }).timeout, 1.5)
  assert.is(request({ parameters: { timeout: 0 } }).timeout, undefined)
})

test('binary_data_output holds for outputs that do not say it themselves', () => {
  const outputs = [{ name: 'a' }, { name: 'b', parameters: { binary_data: false } }]
  const { outputs: parsed } = request({ parameters: { binary_data_output: true }, outputs })
  assert.equal(
    parsed!.map(({ binary }) => binary),
    [true, false],
  )
})

/** A JSON head and the bytes of two tensors behind it, cut into pieces of this size. */
function arrive(bytes: Uint8Array, headBytes: number, piece: number) {
  const body = new InferBody({ ...limits, headBytes })
  for (let at = 0; at < bytes.length; at += piece) body.write(bytes.subarray(at, at + piece))
  return body.finish()
}

function twoTensors(): { bytes: Uint8Array; head: number } {
  const tensor = (name: string, datatype: string, size: number) => ({ name, shape: [2], datatype, parameters: { binary_data_size: size } })
  const head = Buffer.from(JSON.stringify({ inputs: [tensor('a', 'FP32', 8), tensor('b', 'INT16', 4)] }))
  return {
    bytes: Buffer.concat([head, Buffer.from(new Float32Array([1.5, -2]).buffer), Buffer.from(new Int16Array([7, -8]).buffer)]),
    head: head.length,
  }
}

test('tensors behind the JSON arrive the same however the body is cut', () => {
  const { bytes, head } = twoTensors()
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), (piece) => {
      const { inputs } = arrive(bytes, head, piece)
      assert.equal([...inputs['a']!.data], [1.5, -2])
      assert.equal([...inputs['b']!.data], [7, -8])
    }),
  )
})

test('a body that ends early says how much is missing, one that goes on is refused', () => {
  const { bytes, head } = twoTensors()
  assert.is(failure(() => arrive(bytes.subarray(0, -3), head, 5)).details['missing'], 3)
  assert.is(failure(() => arrive(bytes.subarray(0, head - 2), head, 5)).details['missing'], 2)
  assert.is(failure(() => arrive(Buffer.concat([bytes, Buffer.from('x')]), head, 999)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('bytes that are announced need the length of the JSON before them', () => {
  const body = new InferBody(limits)
  const { bytes, head } = twoTensors()
  body.write(bytes.subarray(0, head))
  assert.match(failure(() => body.finish()).message, /Inference-Header-Content-Length is missing/)
})

test('limits hold before the bytes have come', () => {
  assert.is((failure(() => new InferBody({ ...limits, headBytes: 5000 })) as { status?: number }).status, 413)
  const head = Buffer.from(
    JSON.stringify({ inputs: [{ name: 'a', shape: [257], datatype: 'FP32', parameters: { binary_data_size: 1028 } }] }),
  )
  const body = new InferBody({ ...limits, headBytes: head.length })
  assert.is((failure(() => body.write(head)) as { status?: number }).status, 413)
})

test('random bytes are refused with a code, never otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.integer({ min: 0, max: 100 })), (bytes, headBytes) => {
      const body = new InferBody({ ...limits, headBytes })
      const { code } = failure(() => {
        body.write(bytes)
        body.finish()
      })
      assert.match(code, /^TRT_ERR_/)
    }),
  )
})

test('every type goes there and back through JSON', () => {
  const samples: Partial<Record<TensorType, unknown[]>> = {
    bool: [true, false],
    int8: [-128, 127],
    uint16: [0, 65_535],
    int64: [-5, 5],
    float16: [0.5, -65_504],
    bfloat16: [1.5, -2],
    float32: [0.1, -3.4e38],
    float64: [0.1, 1e300],
  }
  for (const [type, data] of Object.entries(samples) as [TensorType, unknown[]][]) {
    const tensor = new Tensor<TensorType>(type, [2], values(type, 2, data))
    const { json } = encodeResponse(model, request(), { y: tensor })
    const answer = JSON.parse(json) as { outputs: { data: unknown[] }[] }
    assert.equal([...values(type, 2, answer.outputs[0]!.data)], [...tensor.data], type)
  }
})

test('NaN has no JSON, and the answer says how to get it', () => {
  const y = new Tensor('float32', [2], new Float32Array([1, Number.NaN]))
  const { code, message } = failure(() => encodeResponse(model, request(), { y }))
  assert.is(code, 'TRT_ERR_UNSUPPORTED')
  assert.match(message, /"binary_data": true/)
})

test('a tensor as bytes is a view of the output, not a copy', () => {
  const y = new Tensor('float32', [2], new Float32Array([1, 2]))
  const { json, binary } = encodeResponse(model, request({ id: '7', parameters: { binary_data_output: true } }), { y })
  assert.is(binary[0]!.buffer, y.data.buffer)
  assert.equal(JSON.parse(json), {
    model_name: 'm',
    model_version: '1',
    id: '7',
    outputs: [{ name: 'y', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }],
  })
})

test('classes are the largest values of each row, with index and label', () => {
  const y = new Tensor('float32', [2, 3], new Float32Array([0.25, 0.5, 0.125, 3, 1, 2]))
  assert.equal(classify(y, 2, ['a', 'b', 'c']), {
    shape: [2, 2],
    values: ['0.500000:1:b', '0.250000:0:a', '3.000000:0:a', '2.000000:2:c'],
  })
})

test('a failure of the server itself tells the client nothing of this machine', () => {
  const inner = failure(() => valuesFromJson('x', 'float32', 1, []))
  assert.is(answerTo(inner).status, 400)
  const ours = answerTo(new Error('/home/me/secret.engine: no such file'))
  assert.is(ours.status, 500)
  assert.not.match(ours.message, /secret/)
})

test('every type of tensor has a name in the protocol', () => {
  for (const type of Object.keys(arrayTypes) as TensorType[]) {
    const y = new Tensor<TensorType>(type, [0], new arrayTypes[type](0))
    assert.match(encodeResponse(model, request(), { y }).json, /"datatype":"[A-Z0-9]+"/)
  }
})

test.run()
