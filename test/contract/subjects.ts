import { Engine } from '../../lib/index.js'
import { type DeviceBackend, deviceBackends, echoOn, pairsOn, slowOn } from '../support/device.js'
import { model } from '../support/onnx.js'
import { slow as slowModel } from '../support/models.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

/** A backend under the contract suites: the same behaviour is asked of each. */
export interface Subject {
  readonly name: string
  /** Runs that one lane takes on before the first of them has ended: on a device, copies of one overlap the computing of another. */
  readonly depth: number
  /** Whether its engines have an optimization profile. */
  readonly profiled: boolean
  /** x → y, float32 [N, 4]; y = x. */
  echo(): Promise<Engine>
  /** a, b → c, d, float32 [N, 2]; c = a, d = b. */
  pairs(): Promise<Engine>
  /** One input; a run takes about half a second, and can be stopped meanwhile. */
  slow(): Promise<{ engine: Engine; inputs: Record<string, Float32Array> }>
}

const float32 = 'float32' as const

const cpu: Subject = {
  name: 'cpu',
  depth: 1,
  profiled: false,
  echo: () => load(['x'], ['y'], ['N', 4]),
  pairs: () => load(['a', 'b'], ['c', 'd'], ['N', 2]),
  slow: async () => ({ engine: await Engine.load(slowModel(4000), { backend: 'cpu' }), inputs: { x: new Float32Array(192 * 192) } }),
}

function load(inputs: string[], outputs: string[], dims: (number | string)[]): Promise<Engine> {
  const value = (name: string) => ({ name, type: float32, dims })
  const nodes = outputs.map((output, i) => ({ op: 'Identity', inputs: [inputs[i]!], outputs: [output] }))
  return Engine.load(model({ inputs: inputs.map(value), outputs: outputs.map(value), nodes }), { backend: 'cpu' })
}

/** An engine of the scripted backend; see native/test/scripted.md for the lines. */
export function scriptedWith(...lines: string[]): Promise<Engine> {
  return Engine.load(scriptedModel(lines), { backend: { library: scriptedLibrary } })
}

const echoLines = ['input x float32 N,4', 'output y float32 N,4']

export function scriptedEcho(...lines: string[]): Promise<Engine> {
  return scriptedWith(...echoLines, ...lines)
}

const scripted: Subject = {
  name: 'scripted',
  depth: 1,
  profiled: false,
  echo: () => scriptedEcho(),
  pairs: () => scriptedWith('input a float32 N,2', 'input b float32 N,2', 'output c float32 N,2', 'output d float32 N,2'),
  slow: async () => ({ engine: await scriptedEcho('delayUs 500000'), inputs: { x: new Float32Array(4) } }),
}

const device = (backend: DeviceBackend): Subject => ({
  name: backend,
  depth: 3,
  profiled: true,
  echo: () => echoOn(backend),
  pairs: () => pairsOn(backend),
  slow: () => slowOn(backend),
})

const all: readonly Subject[] = [cpu, scripted, ...deviceBackends.map(device)]

/**
 * The variable chooses others than the two that run on any machine: sim-*.test.ts the simulator, `npm run verify:gpu` a GPU. A
 * process can hold one CUDA runtime only, so that each flavour of the simulator needs one of its own.
 */
const wanted = (process.env['TENSORRT_NODE_TEST_SUBJECTS'] ?? 'cpu,scripted').split(',')

export const subjects: readonly Subject[] = wanted.map((name) => {
  const subject = all.find((each) => each.name === name)
  if (subject === undefined)
    throw new Error(`TENSORRT_NODE_TEST_SUBJECTS: expected ${all.map((each) => each.name).join(', ')}; received "${name}"`)
  return subject
})

/** Four numbers that only row `i` has. */
export const row = (i: number) => Float32Array.of(i, i + 0.25, i + 0.5, i + 0.75)
