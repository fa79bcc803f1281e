import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { GraphEditor } from '../../../../lib/onnx/graph/edit.js'
import { GraphIndex } from '../../../../lib/onnx/graph/graph-index.js'
import { makeGraph, makeNode, makeValueInfo } from '../../../../lib/onnx/graph/nodes.js'
import { sortNodes } from '../../../../lib/onnx/graph/sort.js'
import type { OnnxGraph, OnnxNode } from '../../../../lib/onnx/graph/types.js'
import { Weights } from '../../../../lib/onnx/graph/weights.js'
import { failure } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

const test = suite('onnx graph editing')

const relu = (from: string, to: string) => makeNode('Relu', [from], [to], { name: `${from}→${to}` })
const value = (name: string) => makeValueInfo(name, 'float32', [2])
const weights = (name: string, ...values: number[]) =>
  [name, Weights.of(name, 'float32', [values.length], Float32Array.from(values))] as const
const graphOf = (nodes: OnnxNode[], outputs: string[], initializers: (readonly [string, Weights])[] = []): OnnxGraph =>
  makeGraph({ nodes, inputs: [value('x')], outputs: outputs.map(value), initializers: new Map(initializers) })
const names = ({ nodes }: OnnxGraph) => nodes.map(({ name }) => name).join(' ')

/** x → a → y, and an If on `a` whose branches use `b` and `w` of this graph; one has a `b` of its own. */
function withBranches(): { graph: OnnxGraph; choice: OnnxNode } {
  const shadowing = makeGraph({ nodes: [relu('a', 'b'), relu('b', 'out')], outputs: [value('out')] })
  const capturing = makeGraph({ nodes: [makeNode('Add', ['b', 'w'], ['sum'])], outputs: [value('sum')] })
  const choice = makeNode('If', ['a'], ['y'], { name: 'choice', attributes: { then_branch: capturing, else_branch: shadowing } })
  return { graph: graphOf([relu('x', 'a'), relu('x', 'b'), choice], ['y'], [weights('w', 1), weights('left over', 1)]), choice }
}

test('the index knows producers and users, those inside of branches included', () => {
  const { graph, choice } = withBranches()
  const index = new GraphIndex(graph)
  assert.is(index.producer('a')?.name, 'x→a')
  assert.is(index.producer('x'), undefined)
  assert.equal(
    index.consumers('x').map(({ name }) => name),
    ['x→a', 'x→b'],
  )
  assert.equal(index.consumers('b'), [choice])
  assert.equal(index.consumers('w'), [choice])
  assert.equal(index.consumers('sum'), [])
  assert.ok(index.isInput('x') && index.isOutput('y') && !index.isOutput('x'))
})

test('constants are initializers and what Constant nodes hold, but not the defaults of inputs', () => {
  const tensor = Weights.of('', 'float32', [1], Float32Array.of(3))
  const nodes = [
    makeNode('Constant', [], ['t'], { attributes: { value: tensor } }),
    makeNode('Constant', [], ['f'], { attributes: { value_float: 0.5 } }),
    makeNode('Constant', [], ['i'], { attributes: { value_ints: [1n, 2n] } }),
  ]
  const graph = graphOf(nodes, [], [weights('w', 1), weights('x', 2)])
  const index = new GraphIndex(graph)
  assert.equal([...index.constant('t')!.floats()], [3])
  assert.is(index.constant('t')!.name, 't')
  assert.equal([...index.constant('f')!.floats()], [0.5])
  assert.equal(index.constant('i')!.integers(), [1n, 2n])
  assert.ok(index.constant('w'))
  assert.is(index.constant('x'), undefined)
})

test('uses are replaced in nodes and in branches, but not where a branch means its own', () => {
  const { graph, choice } = withBranches()
  const editor = new GraphEditor(graph)
  editor.replaceUses('b', 'x')
  const inner = (name: string) => (choice.attributes.get(name) as { value: OnnxGraph }).value
  assert.equal(inner('then_branch').nodes[0]!.inputs, ['x', 'w'])
  assert.equal(inner('else_branch').nodes[1]!.inputs, ['b'])
  assert.equal(editor.index.consumers('b'), [])
  assert.ok(editor.index.consumers('x').includes(choice))
})

test('dead nodes go with what only they used; what a branch uses stays', () => {
  const { graph } = withBranches()
  graph.nodes.push(relu('x', 'c'), relu('c', 'd'))
  graph.valueInfo.set('c', value('c')).set('a', value('a'))
  const editor = new GraphEditor(graph)
  assert.is(editor.removeDead(), 2)
  assert.is(names(graph), 'x→a x→b choice')
  assert.equal([...graph.initializers.keys()], ['w'])
  assert.equal([...graph.valueInfo.keys()], ['a'])
})

test('nodes are inserted, replaced and removed where they belong', () => {
  const graph = graphOf([relu('x', 'a'), relu('a', 'y')], ['y'])
  const [first, last] = graph.nodes as [OnnxNode, OnnxNode]
  const editor = new GraphEditor(graph)
  editor.insertAfter(first, relu('a', 'b'))
  editor.insertBefore(first, relu('x', 'before'))
  editor.replaceUses('a', 'b', { except: editor.index.producer('b')! })
  assert.is(names(graph), 'x→before x→a a→b a→y')
  assert.equal(last.inputs, ['b'])
  editor.replace(last, relu('b', 'c'), relu('c', 'y'))
  assert.is(editor.index.producer('y')!.name, 'c→y')
  editor.remove(first)
  assert.is(editor.index.producer('a'), undefined)
  assert.is(failure(() => editor.remove(first)).code, 'TRT_ERR_INTERNAL')
})

test('a value that takes the place of an output takes its name, or is passed on to it', () => {
  const renamed = graphOf([relu('x', 'a'), relu('a', 'y')], ['y'])
  const editor = new GraphEditor(renamed)
  editor.remove(renamed.nodes[1]!)
  editor.replaceValue('y', 'a')
  assert.equal(
    renamed.nodes.map(({ inputs, outputs }) => [inputs, outputs]),
    [[['x'], ['y']]],
  )
  const passed = graphOf([relu('x', 'y')], ['y'])
  const other = new GraphEditor(passed)
  other.remove(passed.nodes[0]!)
  other.replaceValue('y', 'x')
  assert.equal(
    passed.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs]),
    [['Identity', ['x'], ['y']]],
  )
})

test('fresh names differ from all in use, inside of branches too, and from each other', () => {
  const { graph } = withBranches()
  const editor = new GraphEditor(graph)
  assert.equal(
    [editor.freshName('sum'), editor.freshName('sum'), editor.freshName('new'), editor.freshName('new')],
    ['sum_1', 'sum_2', 'new', 'new_1'],
  )
  assert.is.not(editor.freshName(''), '')
})

test('sorting moves a node only in front of the first that needs it', () => {
  const [a, b, c, d] = [relu('x', 'a'), relu('c', 'b'), relu('a', 'c'), relu('x', 'd')] as const
  assert.is(names({ nodes: sortNodes([d, b, a, c]) } as OnnxGraph), 'x→d x→a a→c c→b')
  assert.equal(sortNodes([a, c, b, d]), [a, c, b, d])
})

test('what a branch takes from outside orders its node', () => {
  const { graph, choice } = withBranches()
  assert.is(sortNodes([choice, ...graph.nodes.slice(0, 2)]).at(-1), choice)
})

test('a cycle is an error that names its nodes', () => {
  const error = failure(() => sortNodes([relu('x', 'a'), relu('c', 'b'), relu('b', 'c')]))
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.match(error.message, 'b→c')
  assert.not.match(error.message, 'x→a')
})

test('a chain of 50,000 nodes is sorted, whatever its order', () => {
  const chain = Array.from({ length: 50_000 }, (_, i) => relu(i === 0 ? 'x' : `v${i - 1}`, `v${i}`))
  assert.equal(
    sortNodes(chain.toReversed()).map(({ outputs }) => outputs[0]),
    chain.map(({ outputs }) => outputs[0]),
  )
})

test('any order of a graph without cycles sorts into one where nothing is used before it is made', () => {
  const edges = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 40 })
  fc.assert(
    fc.property(edges, fc.shuffledSubarray([...Array(20).keys()], { minLength: 20 }), (pairs, order) => {
      const inputs = Array.from({ length: 20 }, (_, i) =>
        pairs.filter(([, to]) => to === i).flatMap(([from]) => (from < i ? [`v${from}`] : [])),
      )
      const nodes = order.map((i) => makeNode('Sum', inputs[i]!, [`v${i}`]))
      const made = new Set<string>()
      return sortNodes(nodes).every((node) => node.inputs.every((name) => made.has(name)) && made.add(node.outputs[0]!))
    }),
    { seed: 1 },
  )
})

test.run()
