import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { findCompiler, installCommand } from '../../../lib/cli/rebuild/compiler.js'
import { parseSources, planBuild } from '../../../lib/cli/rebuild/plan.js'
import { failure } from '../../support/failure.js'

const test = suite('rebuild')
const sources = {
  addon_sources: ['native/a/x.cc', 'native/b/x.cc'],
  addon_includes: ['native/include'],
  addon_defines: ['NAPI_VERSION=8'],
  addon_flags: ['-O2'],
  addon_ldflags: ['-Wl,-z,now'],
  addon_exports: 'native/exports.map',
}

test('one call per source, objects that do not collide, one call to link', () => {
  const { compile, link } = planBuild(sources, { root: '/p', objects: '/o', headers: ['/h'], output: '/o/addon' })
  const flags = ['-O2', '-fPIC', '-pthread', '-DNAPI_VERSION=8', '-I/p/native/include', '-I/h']
  assert.equal(compile, [
    { label: 'native/a/x.cc', arguments: [...flags, '-c', '/p/native/a/x.cc', '-o', '/o/0.o'] },
    { label: 'native/b/x.cc', arguments: [...flags, '-c', '/p/native/b/x.cc', '-o', '/o/1.o'] },
  ])
  const script = '-Wl,--version-script=/p/native/exports.map'
  assert.equal(link.arguments, ['-shared', '-s', '/o/0.o', '/o/1.o', '-Wl,-z,now', script, '-o', '/o/addon'])
})

test('a list of sources that is damaged is an error of the package', () => {
  assert.equal(parseSources(JSON.stringify({ variables: sources })), sources)
  for (const text of ['', '{', 'null', '{}', JSON.stringify({ variables: { ...sources, addon_flags: '-O2' } })]) {
    assert.is(failure(() => parseSources(text)).code, 'TRT_ERR_FILE', text)
  }
})

test('the command that installs a compiler is the one of the distribution, or of the one it descends from', () => {
  assert.is(installCommand('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'), 'sudo apt-get install -y g++')
  assert.is(installCommand('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'sudo dnf install -y gcc-c++')
  assert.match(installCommand(''), /g\+\+ 8 or later/)
})

test('without a compiler the error names what was tried and the command to run', async () => {
  try {
    await findCompiler({ CXX: '/no/such/compiler' })
    assert.unreachable()
  } catch (error) {
    assert.is((error as { code?: string }).code, 'TRT_ERR_UNAVAILABLE')
    assert.match((error as Error).message, /tried \/no\/such\/compiler \(ENOENT\)\. Install one with: /)
  }
})

test.run()
