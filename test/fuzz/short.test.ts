import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { TrtError } from '../../lib/core/errors.js'
import { fuzz } from './fuzz.js'
import { type FuzzedReader, readers } from './readers.js'

// The long run is a command of its own: npm run fuzz.
const test = suite('fuzz')
const INPUTS = 1500

for (const [index, reader] of readers.entries()) {
  test(`${reader.name}: any bytes give a value or a TrtError, in little time and memory`, () => {
    assert.ok(
      reader.seeds.some((seed) => accepts(reader, seed)),
      'no seed is valid',
    )
    const { failures, inputs } = fuzz(reader, INPUTS, index)
    assert.equal(
      failures.map(({ reason }) => reason),
      [],
    )
    assert.is(inputs, INPUTS)
  })
}

const faulty = (read: (bytes: Uint8Array) => boolean): FuzzedReader => ({ name: 'faulty', share: 0, seeds: [Uint8Array.of(1, 2, 3)], read })

test('sees an error that is not ours', () => {
  const { failures } = fuzz(
    faulty((bytes) => {
      throw bytes.length > 3 ? new RangeError('index') : new TrtError('TRT_ERR_FILE', 'no')
    }),
    100,
    1,
  )
  assert.match(failures[0]?.reason ?? '', 'threw RangeError: index')
})

test('sees memory and time out of proportion, and a changed input', () => {
  const reasonOf = (read: (bytes: Uint8Array) => void) =>
    fuzz(
      faulty((bytes) => (read(bytes), true)),
      1,
      1,
    ).failures[0]?.reason ?? ''
  const kept: Uint8Array[] = []
  assert.match(
    reasonOf(() => kept.push(new Uint8Array(64 * 2 ** 20))),
    /^took 6\d{7} bytes/,
  )
  assert.match(
    reasonOf(() => {
      for (const began = performance.now(); performance.now() - began < 60; );
    }),
    /^took \d+ ms/,
  )
  assert.is(
    reasonOf((bytes) => bytes.fill(77)),
    'changed its input',
  )
})

test('gives the same inputs for the same seed', () => {
  const inputsOf = (seed: number) => {
    const seen: string[] = []
    fuzz(
      faulty((bytes) => (seen.push(Buffer.from(bytes).toString('hex')), true)),
      50,
      seed,
    )
    return seen
  }
  assert.equal(inputsOf(5), inputsOf(5))
  assert.not.equal(inputsOf(5), inputsOf(6))
})

function accepts(reader: FuzzedReader, seed: Uint8Array): boolean {
  try {
    return reader.read(seed)
  } catch {
    return false
  }
}

test.run()
