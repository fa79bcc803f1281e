import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { binaryProblems } from '../../../scripts/check-binary.js'

const test = suite('check-binary')
// Lines as objdump prints them: -T, then -p.
const entry = '00000000000028a0 g    DF .text\t0000000000000534  Base        napi_register_module_v1'
const wants = (version: string, name: string) => `0000000000000000      DF *UND*\t0000000000000000 (${version}) ${name}`
const headers = '  NEEDED               libstdc++.so.6\n  NEEDED               libc.so.6\n'

test('a binary that keeps to the limits has no problem', () => {
  const symbols = [
    entry,
    wants('GLIBC_2.2.5', 'dlopen'),
    wants('GLIBC_2.28', 'x'),
    wants('GLIBCXX_3.4.25', 'y'),
    wants('CXXABI_1.3.11', 'z'),
  ]
  assert.equal(binaryProblems(symbols.join('\n'), headers), [])
})
test('each symbol above a limit is named, compared by number and not as text', () => {
  const symbols = [
    entry,
    wants('GLIBC_2.34', 'dlopen'),
    wants('GLIBC_2.4', 'memcpy'),
    wants('GLIBCXX_3.4.30', 'wait'),
    wants('CXXABI_1.3.13', 'addref'),
  ]
  assert.equal(
    binaryProblems(symbols.join('\n'), headers).map((problem) => problem.split(';')[0]),
    ['needs GLIBC_2.34 for dlopen', 'needs GLIBCXX_3.4.30 for wait', 'needs CXXABI_1.3.13 for addref'],
  )
})
test('a weak or data symbol counts like a function', () => {
  const data = '0000000000000000      DO *UND*\t0000000000000000 (GLIBC_2.32) __libc_single_threaded'
  const weak = '0000000000000000  w   DF *UND*\t0000000000000000 (GLIBC_2.34) pthread_once'
  assert.is(binaryProblems(`${entry}\n${data}\n${weak}`, headers).length, 2)
})
test('a symbol that neither a library nor Node provides is a problem', () => {
  const missing = (flags: string, name: string) => `0000000000000000 ${flags}   D  *UND*\t0000000000000000  Base        ${name}`
  const symbols = [entry, missing('  ', 'napi_throw'), missing(' w', '_ITM_deregisterTMCloneTable'), missing('  ', 'forgotten')]
  assert.equal(binaryProblems(symbols.join('\n'), headers), ['lacks forgotten: nobody provides it'])
})
test('a library beyond the compiler’s own is a problem', () => {
  assert.equal(binaryProblems(entry, `${headers}  NEEDED               libcudart.so.13\n`), [
    'is linked with libcudart.so.13: load it at run time',
  ])
})
test('a run path is a problem', () => {
  assert.is(binaryProblems(entry, `${headers}  RUNPATH              $ORIGIN\n`).length, 1)
})
test('a symbol beside the entry points is a problem, and so is their absence', () => {
  const leak = '0000000000002880  w   DF .text\t0000000000000034  Base        _ZNSsC1Ev'
  assert.equal(binaryProblems(`${entry}\n${leak}`, headers), ['exports _ZNSsC1Ev (see native/common/exports.map)'])
  assert.equal(binaryProblems('', headers), ['does not export napi_register_module_v1'])
})
test('what is no shared object is a problem', () => {
  assert.ok(binaryProblems(entry, '').some((problem) => problem.includes('not a shared object')))
})

test.run()
