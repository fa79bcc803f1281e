import type { PrecisionReport } from '../../lib/onnx/report/types.js'

/** A report with something in every part: 60 layers in three types, errors over six decades. */
export function precisionReport(): PrecisionReport {
  const layers = Array.from({ length: 60 }, (_, i) => ({
    node: `layer ${i}`,
    opType: i % 3 === 0 ? 'Conv' : 'Relu',
    position: i,
    type: i < 5 ? 'float32' : i % 2 === 0 ? 'int8' : 'float16',
    error: 10 ** (-7 + (i % 7)),
    reason: i < 5 ? 'an early layer' : null,
  }))
  return {
    format: 1,
    precision: 'int8+fp16',
    bytes: { before: 4_000_000, after: 1_100_000 },
    coverage: { operators: { float32: 5, float16: 27, bfloat16: 0, int8: 28, other: 3 }, macs: 0.9712 },
    outputs: [{ name: 'scores', samples: 8, cosine: { mean: 0.99912, min: 0.9975 }, maxError: 0.031, sqnr: 27.61 }],
    layers: layers.toSorted((a, b) => b.error - a.error),
    curve: [
      { float: 2, error: 0.02, speed: 2.31, chosen: false },
      { float: 5, error: 0.0017, speed: 2.02, chosen: true },
      { float: 12, error: 0.0004, speed: null, chosen: false },
    ],
    methods: [
      { method: 'minmax', error: 0.011, chosen: false },
      { method: 'mse', error: 0.0017, chosen: true },
    ],
    latency: { threads: 1, before: 40.25, after: 19.9 },
    notes: ['2 of 40 samples were left out: <NaN> in "x".'],
  }
}
