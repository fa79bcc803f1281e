// @timeout 300
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'

const test = suite('exit matrix')
const child = fileURLToPath(new URL('fixtures/exit-child.ts', import.meta.url))

interface Ending {
  code: number | null
  signal: string | null
  /** From `ready` to the end of the process. */
  ms: number
  output: string
}

function end(...args: string[]): Promise<Ending> {
  return new Promise((resolve) => {
    const started = spawn(process.execPath, ['--import', 'tsx', child, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let ready = 0
    const watchdog = setTimeout(() => started.kill('SIGKILL'), 60_000)
    const read = (chunk: Buffer) => {
      output += chunk
      if (ready === 0 && output.includes('ready')) ready = performance.now()
    }
    started.stdout.on('data', read)
    started.stderr.on('data', read)
    started.once('close', (code, signal) => {
      clearTimeout(watchdog)
      resolve({ code, signal, ms: performance.now() - ready, output })
    })
  })
}

/** How each way must end: exit code or signal. */
const endings: Record<string, { code: number | null; signal: string | null }> = {
  normal: { code: 0, signal: null },
  exit: { code: 7, signal: null },
  throw: { code: 1, signal: null },
  reject: { code: 1, signal: null },
  sigterm: { code: null, signal: 'SIGTERM' },
  'handled-sigterm': { code: 8, signal: null },
  terminate: { code: 0, signal: null },
}

for (const backend of ['scripted', 'cpu']) {
  for (const state of ['idle', 'busy']) {
    for (const [way, { code, signal }] of Object.entries(endings)) {
      test(`${backend}, ${state}: ${way}`, async () => {
        const ending = await end(backend, state, way)
        assert.is(ending.code, code, ending.output)
        assert.is(ending.signal, signal, ending.output)
        if (way === 'normal' && state === 'busy') assert.is(ending.output.split('done').length - 1, 3, 'a normal end waits for the results')
        else assert.ok(ending.ms < 2000, `ended ${ending.ms.toFixed(0)} ms after it was told to: ${ending.output}`)
      })
    }
  }
}

for (const way of ['exit', 'throw', 'terminate']) {
  test(`a run that cannot be interrupted does not hold up the end: ${way}`, async () => {
    const ending = await end('scripted', 'stubborn', way)
    assert.is(ending.code, endings[way]!.code, ending.output)
    assert.ok(ending.ms < 2000, `${ending.ms.toFixed(0)} ms: ${ending.output}`)
  })
  test(`a build in progress does not hold up the end: ${way}`, async () => {
    const ending = await end('scripted', 'building', way)
    assert.is(ending.code, endings[way]!.code, ending.output)
    assert.ok(ending.ms < 2000, `${ending.ms.toFixed(0)} ms: ${ending.output}`)
  })
}

test.run()
