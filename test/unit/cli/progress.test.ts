import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { renderBar, renderLine, startProgress } from '../../../lib/cli/view/progress.js'

const test = suite('progress')

function screen(terminal: boolean) {
  const state = { now: 0, written: [] as string[] }
  return { state, target: { terminal, columns: 60, now: () => state.now, write: (text: string) => state.written.push(text) } }
}

test('a bar tells how much is done, for how long, and what is done now', () => {
  assert.is(renderBar({ label: 'parse', fraction: 0.5, elapsedMs: 3200 }, 80), '[############............]   50 %  3.2 s  parse')
})

test('a bar without a known end moves', () => {
  const at = (elapsedMs: number) => renderBar({ label: 'load', fraction: null, elapsedMs }, 80).indexOf('#')
  assert.equal([at(0), at(250), at(500)], [1, 2, 3])
})

test('a bar never reaches the edge, where a terminal would wrap', () => {
  for (const columns of [1, 10, 40, 45, 50, 60]) {
    const line = renderBar({ label: 'a label that is long', fraction: 0.1, elapsedMs: 1000 }, columns)
    assert.ok(line.length < columns || line === '', `${line.length} of ${columns}`)
  }
})

test('100 % is not said before the end', () => {
  assert.match(renderLine({ label: 'x', fraction: 0.9999, elapsedMs: 1000 }), '99 %')
  assert.match(renderLine({ label: 'x', fraction: 1, elapsedMs: 1000 }), '100 %')
})

test('work shorter than a second shows nothing', () => {
  const { state, target } = screen(true)
  const progress = startProgress(target, 'build')
  state.now = 999
  progress.update('build', 0.9)
  progress.close()
  assert.equal(state.written, [])
})

test('on a terminal the line is redrawn, at most every 80 ms, and removed at the end', () => {
  const { state, target } = screen(true)
  const progress = startProgress(target, 'build')
  for (state.now = 1000; state.now < 1080; state.now += 10) progress.update('build', state.now / 10_000)
  assert.is(state.written.length, 1)
  progress.update('build', 0.2)
  assert.is(state.written.length, 2)
  progress.close()
  progress.close()
  assert.is(state.written.length, 3)
  assert.is(state.written[2], '\r\x1b[K')
})

test('elsewhere plain lines come at most every two seconds, and nothing is taken back', () => {
  const { state, target } = screen(false)
  const progress = startProgress(target, 'build')
  for (state.now = 0; state.now <= 6000; state.now += 100) progress.update('build', state.now / 10_000)
  progress.close()
  assert.equal(state.written, ['build: 10 % after 1.0 s\n', 'build: 30 % after 3.0 s\n', 'build: 50 % after 5.0 s\n'])
})

test.run()
