import { choice, invalid, number, plainObject, received, rejectUnknown, text } from '../../core/options.js'

/** How frames come, and what the model wants of them. */
export interface PreprocessOptions {
  /** Which input takes pictures. Default: the only one. */
  readonly input?: string
  /** Of the frames: pixel after pixel, or plane after plane. Default 'nhwc', as cameras and decoders give them. */
  readonly layout?: 'nhwc' | 'nchw'
  /** Of the frames. Default 'uint8'. */
  readonly type?: 'uint8' | 'float32'
  /** What comes before mean and std: `(value * scale - mean) / std`. Default 1/255 for uint8, 1 for float32. */
  readonly scale?: number
  /** After the scale; one for all channels, or one each, in the model's order. Default 0. */
  readonly mean?: number | readonly number[]
  /** Not 0; as `mean`. Default 1. */
  readonly std?: number | readonly number[]
  /** Of the colours in the frames. Default 'rgb'. */
  readonly order?: 'rgb' | 'bgr'
  /** Of the colours that the model wants. Default 'rgb'. */
  readonly modelOrder?: 'rgb' | 'bgr'
  /** That the model wants. Default 'nchw'. */
  readonly modelLayout?: 'nhwc' | 'nchw'
}

export interface ResolvedPreprocess {
  readonly input: string | null
  readonly layout: 'nhwc' | 'nchw'
  readonly type: 'uint8' | 'float32'
  readonly scale: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
  readonly order: 'rgb' | 'bgr'
  readonly modelOrder: 'rgb' | 'bgr'
  readonly modelLayout: 'nhwc' | 'nchw'
}

const known = ['input', 'layout', 'type', 'scale', 'mean', 'std', 'order', 'modelOrder', 'modelLayout']
const layouts = ['nhwc', 'nchw'] as const
const orders = ['rgb', 'bgr'] as const
const largest = 1e30

/** The only place where defaults and limits live. */
export function resolvePreprocess(given: PreprocessOptions): ResolvedPreprocess {
  plainObject('preprocess', given)
  rejectUnknown(given, known, 'preprocess')
  const type = choice('preprocess.type', given.type ?? 'uint8', ['uint8', 'float32'])
  const [mean, std] = [list('preprocess.mean', given.mean ?? 0), list('preprocess.std', given.std ?? 1)]
  if (std.includes(0)) throw invalid('Expected no 0 in preprocess.std: values are divided by it.', { std })
  if (mean.length > 1 && std.length > 1 && mean.length !== std.length) {
    throw invalid(`preprocess.mean has ${mean.length} values and preprocess.std ${std.length}: give one for each channel.`, { mean, std })
  }
  return {
    input: given.input === undefined ? null : text('preprocess.input', given.input),
    layout: choice('preprocess.layout', given.layout ?? 'nhwc', layouts),
    type,
    scale: number('preprocess.scale', given.scale ?? (type === 'uint8' ? 1 / 255 : 1), -largest, largest),
    mean,
    std,
    order: choice('preprocess.order', given.order ?? 'rgb', orders),
    modelOrder: choice('preprocess.modelOrder', given.modelOrder ?? 'rgb', orders),
    modelLayout: choice('preprocess.modelLayout', given.modelLayout ?? 'nchw', layouts),
  }
}

function list(name: string, given: number | readonly number[]): readonly number[] {
  if (typeof given === 'number') return [number(name, given, -largest, largest)]
  if (!Array.isArray(given) || given.length === 0)
    throw invalid(`Expected a number or one for each channel for ${name} but received ${received(given)}.`, { name })
  return given.map((value, i) => number(`${name}[${i}]`, value, -largest, largest))
}
