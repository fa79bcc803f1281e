import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { formatBytes, formatMs, formatNumber, plural } from '../../../lib/core/text-format.js'
import { renderTable } from '../../../lib/core/text-table.js'

const test = suite('view')

test('bytes: powers of 1000 and three digits', () => {
  assert.equal([0, 999, 1000, 12_345, 2_500_000, 1e13].map(formatBytes), ['0 B', '999 B', '1 kB', '12.3 kB', '2.5 MB', '10 TB'])
})

test('times: milliseconds, seconds, minutes', () => {
  assert.equal([0, 999, 1000, 59_949, 59_960, 247_000].map(formatMs), ['0 ms', '999 ms', '1.0 s', '59.9 s', '1 min 00 s', '4 min 07 s'])
})

test('numbers: four digits, an exponent only where the number is long', () => {
  const shown = [0, 42, 0.123456, 1234.567, 1e-7, 2.5e9, -0.5, Number.NaN, Infinity].map(formatNumber)
  assert.equal(shown, ['0', '42', '0.1235', '1235', '1.000e-7', '2.500e+9', '-0.5', 'NaN', 'Infinity'])
})

test('plurals', () => {
  assert.equal([plural(1, 'run'), plural(2, 'run'), plural(0, 'run')], ['1 run', '2 runs', '0 runs'])
})

test('tables: text to the left, numbers to the right, no trailing blanks', () => {
  assert.is(
    renderTable(
      [
        ['name', 'ms', 'note'],
        ['a', '12.5', 'x'],
        ['long', '3', ''],
      ],
      { indent: 1, left: [0, 2] },
    ),
    ' name    ms  note\n a     12.5  x\n long     3\n',
  )
})

test.run()
