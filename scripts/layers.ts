/** The layers, as DESIGN draws them: what each may import besides itself. Every arrow points down. */

/** Folders of lib/. The files directly in lib/ are the entry points and may import every layer but a composition root. */
export const libLayers: Readonly<Record<string, readonly string[]>> = layered()

/** May be imported by a composition root of a higher rank and by nobody else. */
export const compositionRoots: readonly string[] = ['server', 'cli']

/** The one file of lib/ that may load the native addon, by whatever means. */
export const addonLoader = 'lib/backend/addon.ts'

/** Folders of native/. `test` may include everything; nothing includes `test`. */
export const nativeLayers: Readonly<Record<string, readonly string[]>> = {
  include: [],
  common: ['include'],
  addon: ['include', 'common'],
  cpu: ['include', 'common'],
  tensorrt: ['include', 'common'],
  // The other side of native/tensorrt/abi.h.
  sim: ['common', 'tensorrt'],
  test: ['include', 'common', 'addon', 'cpu', 'tensorrt', 'sim'],
}

/** The registration point: the one place in native/addon that knows which backends are linked in. */
export const backendRegistration: readonly string[] = ['native/addon/addon.cc']

/** An addon of its own, for tests: it asks the simulator, which knows nothing of Node. */
export const testAddons: readonly string[] = ['native/sim/control_addon.cc']

/** Node-API is the addon's alone: a backend serves a C host as well. */
export const nodeApiHeaders: ReadonlySet<string> = new Set(['napi.h', 'node_api.h', 'js_native_api.h', 'node_api_types.h'])

/** Never included: the addon builds without an SDK, and against Node-API only (V8's and libuv's ABIs change with Node). */
export const forbiddenHeaders = /^(v8|node|uv|nan)\.h$|^v8-|^Nv[A-Z]\w*\.h$|^cuda\w*\.h$|^onnxruntime_\w+\.h$/

function layered(): Record<string, readonly string[]> {
  const base = { core: [], onnx: ['core'], backend: ['core'], engine: ['backend', 'onnx', 'core'] }
  // Wrappers and helpers around a Runner: siblings never import each other.
  const wrappers = ['batching', 'telemetry', 'serving', 'streams', 'features', 'events', 'vision', 'bench']
  const below = Object.keys(base)
  const everything = [...below, ...wrappers]
  return {
    ...base,
    ...Object.fromEntries(wrappers.map((name) => [name, ['engine', 'onnx', 'core']])),
    // It measures the batcher, and plans with its rule: below the others' level only in this one direction.
    bench: ['batching', 'engine', 'onnx', 'core'],
    doctor: everything,
    server: [...everything, 'doctor'],
    cli: [...everything, 'doctor', 'server'],
  }
}
