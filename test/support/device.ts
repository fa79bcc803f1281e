import { type BuildOptions, Engine } from '../../lib/index.js'
import { identity, slow } from './models.js'
import { model } from './onnx.js'

/**
 * The device that tests run on: the simulator's (sim.ts puts it into the environment), or a real one, where
 * `npm run verify:gpu` names the backend and the device.
 */
export const deviceBackends = ['tensorrt', 'tensorrt-rtx'] as const
export type DeviceBackend = (typeof deviceBackends)[number]

export const isSimulated = () => process.env['TENSORRT_SIM'] !== undefined
const deviceNumber = () => Number(process.env['TENSORRT_NODE_TEST_DEVICE'] ?? 0)

/** Built in this process: a child for each of some hundred small engines would be most of the time. */
export function buildOn(backend: DeviceBackend, bytes: Uint8Array, options: BuildOptions = {}): Promise<Engine> {
  return Engine.build(bytes, { backend, isolate: false, ...options, tensorrt: { device: deviceNumber(), ...options.tensorrt } })
}

/** Rows that a profile of the engines below takes, none included. */
export const mostRows = 65_536
export const rowsOf = (width: number) => ({ min: [0, width], opt: [1, width], max: [mostRows, width] })

/** x → y, float32 [N, 4]; y = x. */
export function echoOn(backend: DeviceBackend, options: BuildOptions = {}): Promise<Engine> {
  return buildOn(backend, identity('float32', ['N', 4]), options.profiles ? options : { shapes: { x: rowsOf(4) }, ...options })
}

/** a, b → c, d, float32 [N, 2]; c = a, d = b. */
export function pairsOn(backend: DeviceBackend): Promise<Engine> {
  const value = (name: string) => ({ name, type: 'float32' as const, dims: ['N', 2] })
  const copy = (input: string, output: string) => ({ op: 'Identity', inputs: [input], outputs: [output] })
  const spec = { inputs: ['a', 'b'].map(value), outputs: ['c', 'd'].map(value), nodes: [copy('a', 'c'), copy('b', 'd')] }
  return buildOn(backend, model(spec), { shapes: { a: rowsOf(2), b: rowsOf(2) } })
}

/** Bytes that the simulated copy engines move in a microsecond in the contract suites: see `slowOn`. */
export const simulatedBytesPerUs = 1
const slowRows = 16_384

/**
 * An engine with one run of about half a second. On the simulator the copies take it: 256 KiB in and out at a byte a microsecond,
 * while a row of `echo` costs 16 µs. On a device it is a loop of multiplications, whose time nobody knows beforehand.
 */
export async function slowOn(backend: DeviceBackend): Promise<{ engine: Engine; inputs: Record<string, Float32Array> }> {
  if (isSimulated()) return { engine: await echoOn(backend), inputs: { x: new Float32Array(slowRows * 4) } }
  return { engine: await buildOn(backend, slow(20_000)), inputs: { x: new Float32Array(192 * 192) } }
}
