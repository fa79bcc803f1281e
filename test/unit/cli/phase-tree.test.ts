import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { PhaseTree } from '../../../lib/cli/view/phase-tree.js'
import { startProgress } from '../../../lib/cli/view/progress.js'

const test = suite('phase tree')

test('open phases stand below the one that they are a part of, with their steps and times', () => {
  const tree = new PhaseTree()
  tree.update({ phase: 'Building engine', parent: null, step: 0, steps: 6 }, 0)
  tree.update({ phase: 'Optimizing graph', parent: 'Building engine', step: 0, steps: 30 }, 1000)
  tree.update({ phase: 'Optimizing graph', parent: 'Building engine', step: 12, steps: 30 }, 1500)
  assert.equal(tree.render(3000, 80), ['  └ Building engine 0/6  3.0 s', '    └ Optimizing graph 12/30  2.0 s'])
})

test('a phase that ends is gone, with all that is inside of it', () => {
  const tree = new PhaseTree()
  tree.update({ phase: 'a', parent: null, step: 0, steps: 2 }, 0)
  tree.update({ phase: 'b', parent: 'a', step: 0, steps: 2 }, 0)
  tree.update({ phase: 'c', parent: 'b', step: 0, steps: 0 }, 0)
  tree.update({ phase: 'b', parent: 'a', step: 2, steps: 2 }, 0)
  assert.is(tree.render(0, 80).length, 1)
  tree.update({ phase: 'a', parent: null, step: 2, steps: 2 }, 0)
  assert.equal(tree.render(0, 80), [])
})

test('a phase whose parent was never told stands at the top', () => {
  const tree = new PhaseTree()
  tree.update({ phase: 'b', parent: 'lost', step: 0, steps: 0 }, 0)
  assert.equal(tree.render(0, 80), ['  └ b  0 ms'])
})

test('lines end before the edge of the terminal, and there are six at most', () => {
  const tree = new PhaseTree()
  for (let i = 0; i < 9; i++) tree.update({ phase: `phase ${i}`, parent: null, step: 1, steps: 100 }, 0)
  const lines = tree.render(0, 12)
  assert.equal([lines.length, Math.max(...lines.map((line) => line.length))], [6, 11])
})

test('on a terminal the tree is drawn below the bar, and taken away from its top', () => {
  const state = { now: 1000, written: [] as string[] }
  const target = { terminal: true, columns: 60, now: () => state.now, write: (text: string) => void state.written.push(text) }
  state.now = 0
  const progress = startProgress(target, 'building')
  state.now = 1000
  progress.update('building', 0.5, { phase: 'parse', parent: null, step: 1, steps: 4 })
  progress.above(() => state.written.push('note'))
  progress.close()
  assert.equal(state.written.slice(1), ['\r\x1b[1A\x1b[K\x1b[J', 'note'])
  assert.ok(state.written[0]!.startsWith('\r[####'))
  assert.ok(state.written[0]!.endsWith('\x1b[K\n  └ parse 1/4  0 ms\x1b[K'))
})

test.run()
