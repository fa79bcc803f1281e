// Question: how long does a 176 MB model take from file to file, cleaned up on the way?
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openOnnx } from '../lib/onnx/graph/open.js'
import { saveOnnx } from '../lib/onnx/graph/save.js'
import type { OnnxModel } from '../lib/onnx/graph/types.js'
import { cleanModel } from '../lib/onnx/passes/clean/clean.js'
import { foldConstants } from '../lib/onnx/passes/fold-constants.js'
import { liftOpset } from '../lib/onnx/passes/lift.js'
import { bigModel } from './support/big-model.js'
import { runBench } from './support/bench.js'
import { median } from './support/statistics.js'
import { figure, table } from './support/table.js'

interface Stages {
  read: number
  lift: number
  fold: number
  clean: number
  write: number
}

/** Milliseconds of each stage, in their order. */
async function once(from: string, to: string): Promise<Stages> {
  const times: number[] = []
  const timed = async <T>(stage: () => T | Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await stage()
    times.push(performance.now() - began)
    return result
  }
  const read = await timed(() => openOnnx(from))
  const lifted = await timed(() => liftOpset(read, 21))
  const folded = await timed(() => foldConstants(lifted))
  const cleaned = await timed(() => cleanModel(folded).model)
  requireClean(cleaned)
  await timed(() => saveOnnx(cleaned, to))
  const [readMs = 0, lift = 0, fold = 0, clean = 0, write = 0] = times
  return { read: readMs, lift, fold, clean, write }
}

/** What is timed does the work: every batch norm is in its convolution. */
function requireClean({ graph, opsets }: OnnxModel): void {
  const left = graph.nodes.filter(({ opType }) => opType === 'BatchNormalization').length
  if (left > 0 || opsets.get('') !== 21) throw new Error(`${left} batch norms are left, operator set ${opsets.get('')}`)
}

await runBench({
  name: 'onnx-toolkit',
  question: 'How long does a 176 MB model take from file to file, lifted, folded and cleaned on the way?',
  defaults: { rounds: 7, durationMs: 1 },
  method: ({ rounds }) => `median of ${rounds} rounds after one to warm up; the file written is synced to the disk`,
  async measure({ rounds }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'onnx-toolkit-'))
    try {
      const [from, to] = [path.join(folder, 'big.onnx'), path.join(folder, 'clean.onnx')]
      await saveOnnx(bigModel(), from)
      await once(from, to)
      const results: Stages[] = []
      for (let round = 0; round < rounds; round++) results.push(await once(from, to))
      const stages = ['read', 'lift', 'fold', 'clean', 'write'] as const
      const bigMs = median(results.map((each) => stages.reduce((sum, stage) => sum + each[stage], 0)))
      const rows = stages.map((stage) => [stage, figure(median(results.map((each) => each[stage])))])
      const bytes = statSync(from).size
      return {
        tables: [table(['stage', 'ms'], [...rows, ['all', figure(bigMs)]])],
        targets: [{ name: 'bigMs: file to file', value: bigMs, bound: 'at most', limit: 1000 }],
        summary: { bigMs, bytes },
        details: { results },
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
})
