import { Tensor } from '../../lib/core/tensor.js'
import { packageFile } from '../support/real-models.js'
import { decode, photographs } from './pictures.js'
import { floats, mean, type Outputs, type Workload } from './workload.js'

const kept = 100

/** MLSD: a heat map of line centres after its own 3 × 3 suppression. The share of the 100 strongest that are the same pixels. */
export async function lineSegments(variant: 'tiny' | 'large', share: number): Promise<Workload> {
  const size = variant === 'tiny' ? 320 : 512
  const files = await photographs()
  const sample = async (file: string) => {
    const { data } = await decode(file, size, size)
    const values = new Float32Array(size * size * 4)
    for (let i = 0; i < size * size; i++) {
      for (let c = 0; c < 3; c++) values[4 * i + c] = data[3 * i + c] as number
      values[4 * i + 3] = 1
    }
    return { 'input_image_with_alpha:0': new Tensor('float32', [1, size, size, 4], values) }
  }
  const few = (list: readonly string[]) => list.slice(0, Math.max(2, Math.ceil(list.length * share)))
  return {
    name: `mlsd-${variant}`,
    model: packageFile('jp.keijiro.mlsd', `ONNX/mlsd_${size}x${size}_${variant}.onnx`),
    calibration: await Promise.all(few(files.calibration).map(sample)),
    test: await Promise.all(few(files.test).map(sample)),
    metric: 'overlap of the 100 strongest centres, exact pixels',
    bar: variant === 'tiny' ? { fidelity: 0.8, speed1: 1.7, speed2: 1.5, tensorrt: 0.8 } : { fidelity: 0.85, speed1: 2, tensorrt: 0.85 },
    judge(reference, candidate) {
      const overlaps = reference.map((outputs, i) => overlap(outputs, candidate[i] as Outputs))
      return { fidelity: mean(overlaps), worst: Math.min(...overlaps) }
    },
  }
}

function overlap(a: Outputs, b: Outputs): number {
  const [first, second] = [strongest(floats(a, 'scores')), strongest(floats(b, 'scores'))]
  return [...first].filter((index) => second.has(index)).length / first.size
}

/** Positions of the strongest centres: fewer than 100 where no more are above zero. */
function strongest(scores: Float32Array): Set<number> {
  const order = [...scores.keys()].filter((index) => (scores[index] as number) > 0)
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  return new Set(order.slice(0, kept))
}
