/**
 * Compares what calibration computes with independent implementations: onnxruntime.quantization's calibrate.py, from PyPI. A command of
 * its own, because it downloads; what pip fetches lies in .cache/oracles.
 * Usage: npm run test:oracles
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { seededRandom } from '../lib/core/random.js'
import { plainKernels } from '../lib/onnx/calibration/kernels.js'
import { entropyCandidate, entropyHistogram } from '../lib/onnx/calibration/methods/entropy.js'
import { addValues, emptyStatistics } from '../lib/onnx/calibration/statistics.js'
import { threshold } from '../lib/onnx/calibration/thresholds.js'
import type { TensorStatistics } from '../lib/onnx/calibration/types.js'
import { installPython } from './support/pip.js'
import { isMain, repository } from './support/report.js'

const packages = [
  { name: 'onnxruntime', version: '1.23.2', dependencies: true },
  { name: 'onnx', version: '1.19.1', dependencies: true },
] as const

/** No share of it that is asked for is whole: with a tie, rounding would decide between two bins. */
const size = 59_999

/** Distributions as activations have them: with zeros, one-sided, with outliers, of few values. */
function distributions(): Record<string, Float32Array> {
  const random = seededRandom(7)
  const bell = () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6)
  const made = (length: number, next: (i: number) => number) => Float32Array.from({ length }, (_, i) => next(i))
  return {
    normal: made(size, bell),
    relu: made(size, () => Math.max(0, bell())),
    shifted: made(size, () => bell() + 1.5),
    heavy: made(size, () => bell() ** 3),
    outliers: made(size, (i) => (i % 20_000 === 0 ? 30 * bell() : bell())),
    uniform: made(size, () => random() * 5 - 2),
    relu6: made(size, () => Math.min(6, Math.max(0, 3 * bell()))),
    sigmoid: made(size, () => 1 / (1 + Math.exp(-3 * bell()))),
  }
}

function statisticsOf(values: Float32Array): TensorStatistics {
  const statistics = emptyStatistics()
  addValues(statistics, values, plainKernels.extent(values), plainKernels)
  return statistics
}

/** Percentiles that calibrate.py is asked for, too. */
const percentiles = [99, 99.9, 99.99, 99.999]

function casesOf([name, values]: [string, Float32Array]) {
  const statistics = statisticsOf(values)
  const { limit, min, max, positive, negative } = statistics
  const ours = Object.fromEntries(
    percentiles.map((percentile) => [
      String(percentile),
      {
        symmetric: threshold(statistics, 'percentile', { symmetric: true, percentile }),
        asymmetric: threshold(statistics, 'percentile', { symmetric: false, percentile }),
      },
    ]),
  )
  const bins = entropyHistogram(statistics)
  return {
    name,
    limit,
    min,
    max,
    positive: [...positive],
    negative: [...negative],
    percentile: ours,
    entropy: { bins: [...bins], candidate: entropyCandidate(bins), threshold: threshold(statistics, 'entropy', { symmetric: true }).high },
  }
}

function main(): number {
  const path = packages.map((each) => installPython('oracles', each)).join(delimiter)
  const folder = mkdtempSync(join(tmpdir(), 'oracles-'))
  try {
    const file = join(folder, 'cases.json')
    writeFileSync(file, JSON.stringify(Object.entries(distributions()).map(casesOf)))
    const script = join(repository, 'scripts/oracles/calibration.py')
    return spawnSync('python3', [script, file], { env: { ...process.env, PYTHONPATH: path }, stdio: 'inherit' }).status ?? 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (isMain(import.meta.url)) process.exitCode = main()
