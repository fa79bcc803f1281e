import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { durationFlag } from '../../../lib/cli/flags/duration.js'
import { readArrivals } from '../../../lib/cli/load/read-arrivals.js'
import { readCosts } from '../../../lib/cli/load/read-costs.js'
import { readJson } from '../../../lib/cli/load/read-json.js'
import { failure, rejection } from '../../support/failure.js'

const test = suite('flags that describe a load')
const folder = mkdtempSync(join(tmpdir(), 'load-'))
const { signal } = new AbortController()
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
test.after(() => rmSync(folder, { recursive: true }))

test('times have a unit, or are milliseconds', () => {
  assert.equal(['30', '30ms', '1.5s', '250us', '2min', ' 5 '].map(durationFlag('--slo')), [30, 30, 1500, 0.25, 120_000, 5])
  for (const text of ['', '0', '-5', '0ms', '30 ms s', 'ms', '1h', 'NaN', 'Infinity', '0x10', '1e3']) {
    const error = failure(() => durationFlag('--slo')(text))
    assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT', text)
    assert.match(error.message, /--slo/)
  }
})

test('arrivals are a kind, or the times in a file', async () => {
  const read = async (given: string) => {
    const arrivals = await readArrivals('--arrivals', given, signal)
    return arrivals.kind === 'trace' ? [...(arrivals.times as Float64Array)] : arrivals.kind
  }
  assert.is(await read('bursty'), 'bursty')
  assert.equal(await read(file('trace.json', '[0, 1.5, 3]\n')), [0, 1.5, 3])
  assert.equal(await read(file('trace.txt', '0\n1.5\r\n3\n')), [0, 1.5, 3])
})

test('a file of something else is refused, naming the item', async () => {
  const error = await rejection(readArrivals('--arrivals', file('bad.txt', '0\nten\n'), signal))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, /item 2 of ".*bad\.txt" is "ten"/)
  assert.is((await rejection(readArrivals('--arrivals', file('empty.txt', ''), signal))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(readArrivals('--arrivals', join(folder, 'no'), signal))).code, 'TRT_ERR_FILE')
})

test('costs are pairs, or what a JSON file says', async () => {
  const points = [
    { rows: 1, ms: 4.5 },
    { rows: 16, ms: 12 },
  ]
  assert.equal(await readCosts('--cost', '1:4.5, 16:12', signal), points)
  assert.equal(await readCosts('--cost', file('costs.json', JSON.stringify({ costs: points })), signal), points)
  for (const given of ['1:', '1:4,', '1:4:5', '1:x', '1:-4', '2:4,b:5']) {
    assert.is((await rejection(readCosts('--cost', given, signal))).code, 'TRT_ERR_INVALID_ARGUMENT', given)
  }
})

test('a file that is no JSON is refused by name', async () => {
  assert.match(
    (await rejection(readJson('--classes', file('no.json', '{'), signal))).message,
    /Expected JSON in ".*no\.json", which --classes names/,
  )
})

test.run()
