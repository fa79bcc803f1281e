export { inferenceProtocol } from './http/plugin.js'
export type { InferenceProtocolOptions } from './http/options.js'
export type { ServedIo, ServedModelOptions, ServedRunner } from './model.js'
