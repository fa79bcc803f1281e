import * as assert from 'uvu/assert'
import { renderReportHtml } from '../../../../lib/onnx/report/html.js'
import { renderReportJson } from '../../../../lib/onnx/report/json.js'
import { renderReport } from '../../../../lib/onnx/report/text.js'
import { precisionReport } from '../../../support/precision-report.js'
import { suite } from '../../../support/suite.js'

const test = suite('precision report')

test('text: what became of size, operators and time, then tables, then notes', () => {
  const text = renderReport(precisionReport(), { layers: 2 })
  assert.match(text, 'Precision int8+fp16: 4 MB became 1.1 MB (0.275 of it).\n')
  assert.match(
    text,
    'Operators: 5 in float32, 27 in float16, 28 in int8, 3 in other; 97.1 % of the multiply-adds in the lower type. 5 layers left in float32.\n',
  )
  assert.match(text, 'One inference with 1 thread: 40.25 ms became 19.9 ms.\n')
  assert.match(text, /\nscores +8 +0\.999120 +0\.997500 +0\.031 +27\.6 dB\n/)
  assert.match(text, /\nlayer 6 +Conv +int8 +1\.0e-1\n/)
  assert.match(text, /\nmse +0\.0017 +chosen\n/)
  assert.match(text, /\n +5 +0\.0017 +2\.02x +chosen\n/)
  assert.ok(text.endsWith('2 of 40 samples were left out: <NaN> in "x".\n'))
  assert.is(text.split('\n').filter((line) => line.startsWith('layer ')).length, 3)
})

test('text: an empty report is a few lines, equal outputs say so', () => {
  const bare = { ...precisionReport(), outputs: [], layers: [], curve: [], methods: [], latency: null, notes: [] }
  assert.is(renderReport(bare).split('\n').length, 3)
  const output = { name: 'y', samples: 1, cosine: { mean: 1, min: 1 }, maxError: 0, sqnr: 300 }
  assert.match(renderReport({ ...bare, outputs: [output] }), /\ny +1 +1\.000000 +1\.000000 +0 +equal\n/)
})

test('JSON comes back as it went in', () => {
  assert.equal(JSON.parse(renderReportJson(precisionReport())), JSON.parse(JSON.stringify(precisionReport())))
})

test('HTML: one page that loads nothing, text escaped, a mark for every layer with its error', () => {
  const html = renderReportHtml(precisionReport(), 'model <1>.onnx')
  assert.match(html, "default-src 'none'")
  assert.not.match(html, /<script|src=|href=/)
  assert.match(html, '<h1>model &lt;1&gt;.onnx</h1>')
  assert.match(html, '&lt;NaN&gt; in &quot;x&quot;')
  assert.is(html.match(/<circle[^>]*class="mark (good|answers|queue)"/g)?.length, 60 + 3)
  assert.match(html, '<title>Conv layer 6, int8: 1.0e-1</title>')
  assert.match(html, '<title>Conv layer 3, float32: 1.0e-4 (an early layer)</title>')
})

test('HTML: nothing measured, no plot', () => {
  const { layers, ...rest } = precisionReport()
  const unmeasured = layers.map(({ node, opType, type, reason }) => ({ node, opType, type, reason, error: null }))
  const html = renderReportHtml({ ...rest, layers: unmeasured, curve: [] }, 'm')
  assert.not.match(html, 'Error by layer')
  assert.match(html, '<h2>Layers</h2>')
})

test.run()
