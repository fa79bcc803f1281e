import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { engineSummary, eventLoopLine, latencyTable, progressBar } from '../../../scripts/demo/report.js'

const test = suite('demo: report')
const image = { name: 'x', type: 'float32', isShape: false, shape: [-1, 3], dimNames: ['N', ''], ranges: [] } as const

test('the summary tells the backend, why it and not another, inputs, outputs and lanes', () => {
  const refused = [
    { name: 'tensorrt', reason: 'no GPU here', remedy: 'none' },
    { name: 'tensorrt-rtx', reason: 'No library of it could be used: a, b (not there); c (too old).', remedy: 'none' },
  ]
  const backend = { name: 'cpu', version: '1.30.0', reason: 'usable here', refused, buildOnly: null }
  const inputs = [{ ...image, ranges: [{ min: [1, 3], opt: [2, 3], max: [4, 3] }] }]
  const outputs = [{ ...image, name: 'y', shape: null }]
  assert.is(
    engineSummary({ backend, inputs, outputs }, 2),
    `Engine
  backend  cpu (ONNX Runtime 1.30.0)
  why      usable here
           tensorrt: no GPU here
           tensorrt-rtx: No library of it could be used
           more: npx tensorrt-node doctor
  input    x: float32 [?, 3], from [1, 3] to [4, 3]
  output   y: float32 of any shape
  lanes    2
`,
  )
})

test('the latency table has p50, p95, p99 and max', () => {
  const summary = { count: 100, mean: 1, p50: 1, p90: 1.5, p95: 2, p99: 3, p999: 3.5, max: 14 }
  assert.is(
    latencyTable(summary),
    `Latency of 100 runs, one after the other, in milliseconds
   p50   p95   p99    max
  1.00  2.00  3.00  14.00
`,
  )
})

test('the largest event-loop delay comes first', () => {
  assert.is(eventLoopLine({ mean: 0.1, p50: 0.1, p99: 0.5, max: 1.25 }), 'Largest event-loop delay meanwhile: 1.25 ms (p99 0.50 ms)')
})

function written(isTTY: boolean, columns: number): string[] {
  const texts: string[] = []
  using bar = progressBar({ isTTY, columns, write: (text) => texts.push(text) })
  bar.update('halfway', 0.5)
  return texts
}

test('on a terminal the bar is drawn in one line and removed at the end', () => {
  const [drawn = '', removed] = written(true, 80)
  assert.match(drawn, /^\r\[#{12}\.{12}\] {3}50 % {2}\d+ ms {2}halfway/)
  assert.ok(drawn.endsWith('\x1b[K') && !drawn.includes('\n'))
  assert.is(removed, '\r\x1b[K')
})

test('a terminal that does not tell its width gets a bar too', () => {
  assert.match(written(true, 0).join(''), 'halfway')
})

test('where there is no terminal, no bar is written', () => {
  assert.equal(written(false, 80), [])
})

test.run()
