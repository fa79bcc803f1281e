import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { layerProblems } from '../../../scripts/check-layers.js'
import { repository } from '../../../scripts/support/report.js'
import { makeTree } from '../../support/tree.js'

const test = suite('check-layers')
const manifest = { 'package.json': JSON.stringify({ name: 'x', dependencies: { fflate: '1' } }) }

function problems(files: Record<string, string>): string[] {
  using tree = makeTree({ ...manifest, ...files })
  return layerProblems(tree.root)
}

test('this repository keeps to its layers', () => {
  assert.equal(layerProblems(repository), [])
})
test('an import that points down is fine', () => {
  assert.equal(
    problems({ 'lib/engine/a.ts': "import { b } from '../core/b.js'\nimport { c } from './c.js'\nimport { zip } from 'fflate'" }),
    [],
  )
})
test('an import that points up is a problem, with file, line and what is allowed', () => {
  assert.equal(problems({ 'lib/core/a.ts': "\nimport type { E } from '../engine/e.js'" }), [
    'lib/core/a.ts:2: core may not import engine (../engine/e.js); it may import nothing',
  ])
})
test('siblings of the wrapper layer never import each other', () => {
  const [problem = ''] = problems({ 'lib/serving/a.ts': "export { b } from '../streams/b.js'" })
  assert.match(problem, 'serving may not import streams')
})
test('re-exports over several lines, dynamic imports and import types are seen', () => {
  const files = {
    'lib/core/a.ts': "export {\n  a,\n  b,\n} from '../onnx/a.js'",
    'lib/core/b.ts': "const m = await import('../backend/b.js')",
    'lib/core/c.ts': "type M = import('../engine/c.js').M",
  }
  assert.is(problems(files).length, 3)
})
test('comments and template texts are not imports', () => {
  const source =
    "// import a from '../engine/a.js'\n/* import b from '../engine/b.js' */\nconst text = `\nimport c from '../engine/c.js'\n`"
  assert.equal(problems({ 'lib/core/a.ts': source }), [])
})
test('a folder that the table does not list is a problem', () => {
  assert.equal(problems({ 'lib/utils/a.ts': '' }), ['lib/utils/a.ts:1: the layer "utils" is not in scripts/layers.ts'])
})
test('an entry point may not import the command line, nor anybody an entry point', () => {
  const files = { 'lib/index.ts': "import './cli/main.js'", 'lib/core/a.ts': "import '../index.js'" }
  assert.equal(problems(files), [
    'lib/core/a.ts:1: imports the entry point lib/index.js: import the layer that has it',
    'lib/index.ts:1: an entry point may not import cli, which is a composition root',
  ])
})
test('only lib/backend/addon.ts loads the addon', () => {
  const load = "import load from 'node-gyp-build'\nimport { createRequire } from 'node:module'\nprocess.dlopen(m, p)"
  const declared = { 'package.json': JSON.stringify({ dependencies: { 'node-gyp-build': '4' } }) }
  assert.equal(problems({ ...declared, 'lib/backend/addon.ts': load }), [])
  assert.is(problems({ ...declared, 'lib/backend/other.ts': load }).length, 2)
  assert.is(problems({ 'lib/backend/other.ts': "const a = require('../../build/Release/a.node')" }).length, 1)
})
test('lib reaches no file outside of it, no undeclared package, no builtin without node:', () => {
  const source = "import a from '../../test/a.js'\nimport b from 'lodash'\nimport c from 'fs'"
  assert.is(problems({ 'lib/core/a.ts': source }).length, 3)
})
test('the addon includes no backend except where backends are registered', () => {
  const files = {
    'native/cpu/cpu.h': '',
    'native/addon/session.cc': '#include "cpu/cpu.h"',
    'native/addon/addon.cc': '#include "cpu/cpu.h"',
  }
  assert.equal(problems(files), ['native/addon/session.cc:1: native/addon may not include native/cpu ("cpu/cpu.h")'])
})
test('a backend includes neither the addon nor Node-API', () => {
  const files = { 'native/addon/a.h': '', 'native/cpu/a.cc': '#include "../addon/a.h"\n#include <napi.h>' }
  assert.equal(problems(files), [
    'native/cpu/a.cc:1: native/cpu may not include native/addon ("../addon/a.h")',
    'native/cpu/a.cc:2: includes napi.h: only native/addon knows Node-API',
  ])
})
test('nobody includes V8, libuv or an SDK, nor a header that is not there', () => {
  const files = { 'native/addon/a.cc': '#include <v8.h>\n#include <uv.h>\n#include "NvInfer.h"\n#include "gone.h"\n#include <vector>' }
  assert.is(problems(files).length, 4)
})
test('the contract includes no part of ours', () => {
  const files = { 'native/common/lanes.h': '', 'native/include/backend.h': '#include "lanes.h"' }
  assert.is(problems(files).length, 1)
})

test.run()
