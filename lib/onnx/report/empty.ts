import type { PrecisionReport } from './types.js'

/** A report that tells nothing yet, of a model of so many nodes in float32. */
export function emptyReport(precision: string, nodes: number): PrecisionReport {
  return {
    format: 1,
    precision,
    bytes: { before: 0, after: 0 },
    coverage: { operators: { float32: nodes, float16: 0, bfloat16: 0, int8: 0, other: 0 }, macs: null },
    outputs: [],
    layers: [],
    curve: [],
    methods: [],
    latency: null,
    notes: [],
  }
}
