import { arrayTypes } from '../../core/dtypes.js'
import { invalid, plainObject, received, rejectUnknown } from '../../core/options.js'
import { checkedSize } from '../../core/shapes.js'
import { TrtError } from '../../core/errors.js'
import { protocolTypes, tensorTypeOf } from './datatypes.js'
import { longInteger } from './exact-json.js'
import type { InferRequest, RequestInput, RequestOutput } from './request.js'

const requestKeys = ['id', 'parameters', 'inputs', 'outputs']
const inputKeys = ['name', 'shape', 'datatype', 'parameters', 'data']
const outputKeys = ['name', 'parameters']

/** Of the protocol, and for clients of others': known, and refused with a reason where they ask for what is not served. */
const unserved = ['sequence_id', 'sequence_start', 'sequence_end']

/**
 * The head of an inference request. What it names is not looked up in a model here.
 *
 * @param body What `parseExact` made of the JSON part.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_SHAPE`, `TRT_ERR_TYPE`: what is wrong, and where.
 */
export function parseRequest(body: unknown): InferRequest {
  const request = plainObject('the body of the request', body)
  rejectUnknown(request, requestKeys, 'the request')
  const parameters = parametersOf('the request', request['parameters'])
  for (const name of unserved) {
    if (parameters.has(name) && parameters.get(name) !== 0 && parameters.get(name) !== false) throw refuseParameter(name)
  }
  const binaryOutput = booleanOf(parameters, 'binary_data_output', false)
  return {
    id: request['id'] === undefined ? '' : textOf('id', request['id']),
    inputs: unique('input', listOf('inputs', request['inputs']).map(parseInput)),
    outputs:
      request['outputs'] === undefined
        ? null
        : unique(
            'output',
            listOf('outputs', request['outputs']).map((each, at) => parseOutput(each, at, binaryOutput)),
          ),
    binaryOutput,
    priority: countOf(parameters, 'priority'),
    timeout: milliseconds(countOf(parameters, 'timeout')),
  }
}

function parseInput(given: unknown, at: number): RequestInput {
  const where = `inputs[${at}]`
  const input = plainObject(where, given)
  rejectUnknown(input, inputKeys, where)
  const name = textOf(`${where}.name`, input['name'])
  const what = `input ${JSON.stringify(name)}`
  const shape = listOf(`shape of ${what}`, input['shape']).map((dim) => longInteger(dim) ?? dim) as number[]
  const size = checkedSize(`shape of ${what}`, shape)
  const datatype = textOf(`datatype of ${what}`, input['datatype'])
  const type = tensorTypeOf(datatype)
  if (type === undefined) {
    const why = datatype === 'BYTES' ? ' Strings cannot go into a model here: encode them before.' : ''
    const message = `Expected one of ${protocolTypes.join(', ')} for the datatype of ${what} but received ${received(datatype)}.${why}`
    throw new TrtError('TRT_ERR_TYPE', message, { input: name, received: datatype })
  }
  const bytes = countOf(parametersOf(what, input['parameters']), 'binary_data_size')
  if (bytes === undefined) return { name, type, shape, size, data: dataOf(what, input['data']) }
  requireBinary(what, input['data'], bytes, size * arrayTypes[type].BYTES_PER_ELEMENT)
  return { name, type, shape, size, data: undefined }
}

function dataOf(what: string, data: unknown): readonly unknown[] {
  if (Array.isArray(data)) return data
  throw invalid(
    `Expected an array as data of ${what}, or the parameter binary_data_size and the bytes after the JSON, but received ${received(data)}.`,
    {
      received: received(data),
    },
  )
}

function requireBinary(what: string, data: unknown, bytes: number, expected: number): void {
  if (data !== undefined) throw invalid(`Expected either data or binary_data_size for ${what} but received both.`)
  if (bytes === expected) return
  const message = `Expected ${expected} bytes for ${what}, by its shape and datatype, but received a binary_data_size of ${bytes}.`
  throw new TrtError('TRT_ERR_SHAPE', message, { expected, received: bytes })
}

function parseOutput(given: unknown, at: number, otherwise: boolean): RequestOutput {
  const where = `outputs[${at}]`
  const output = plainObject(where, given)
  rejectUnknown(output, outputKeys, where)
  const name = textOf(`${where}.name`, output['name'])
  const parameters = parametersOf(`output ${JSON.stringify(name)}`, output['parameters'])
  return {
    name,
    binary: booleanOf(parameters, 'binary_data', otherwise),
    classification: countOf(parameters, 'classification') ?? 0,
  }
}

/** Numbers that a double does not hold come as bigint. What is not read from the result is ignored, as the protocol wants. */
function parametersOf(what: string, given: unknown): ReadonlyMap<string, unknown> {
  if (given === undefined) return new Map()
  const parameters = new Map(Object.entries(plainObject(`parameters of ${what}`, given)))
  for (const [name, value] of parameters) {
    const kept = longInteger(value) ?? value
    if (!['string', 'number', 'boolean', 'bigint'].includes(typeof kept)) {
      throw invalid(`Expected a string, a number or a boolean for the parameter ${name} of ${what} but received ${received(value)}.`, {
        name,
      })
    }
    if (name.startsWith('triton_')) throw refuseParameter(name)
    parameters.set(name, kept)
  }
  return parameters
}

function refuseParameter(name: string): TrtError {
  return invalid(`The parameter ${JSON.stringify(name)} is not served here: leave it out.`, { parameter: name })
}

function booleanOf(parameters: ReadonlyMap<string, unknown>, name: string, otherwise: boolean): boolean {
  const value = parameters.get(name) ?? otherwise
  if (typeof value === 'boolean') return value
  throw invalid(`Expected true or false for the parameter ${name} but received ${received(value)}.`, { parameter: name })
}

function countOf(parameters: ReadonlyMap<string, unknown>, name: string): number | undefined {
  const value = parameters.get(name)
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number | undefined
  throw invalid(`Expected a whole number from 0 to 2^53 for the parameter ${name} but received ${received(value)}.`, { parameter: name })
}

/** From the protocol's microseconds; 0 is "none", as Triton has it. */
function milliseconds(microseconds: number | undefined): number | undefined {
  return microseconds === undefined || microseconds === 0 ? undefined : microseconds / 1000
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' && longInteger(value) === undefined) return value
  throw invalid(`Expected a string for ${name} but received ${received(longInteger(value) ?? value)}.`, { name })
}

function listOf(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalid(`Expected an array for ${name} but received ${received(value)}.`, { name })
}

function unique<T extends { readonly name: string }>(what: string, items: readonly T[]): readonly T[] {
  const names = new Set<string>()
  for (const { name } of items) {
    if (names.has(name))
      throw new TrtError('TRT_ERR_NAME', `Expected each ${what} once but received ${JSON.stringify(name)} twice.`, { name })
    names.add(name)
  }
  return items
}
