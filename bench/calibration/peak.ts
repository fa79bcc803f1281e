// A process of its own: calibrates a model on so many samples, each made when it is asked for, and prints its peak memory in bytes.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../lib/core/random.js'
import { collectStatistics } from '../../lib/onnx/calibration/collect.js'
import { isMain } from '../../scripts/support/report.js'
import { lineSegments, recognition } from '../support/real-models.js'
import { subjectOf } from './subject.js'

const models = { 'mlsd-320-tiny': lineSegments, 'ocr-rec': recognition }
type Name = keyof typeof models

/** Bytes resident at most, in a process that does nothing else. */
export function peakOf(model: string, samples: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [model, String(samples)], { execArgv: ['--import', 'tsx'] })
    let peak = Number.NaN
    child.on('message', (bytes) => (peak = bytes as number))
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 && peak > 0 ? resolve(peak) : reject(new Error(`calibration of ${model} ended with ${code}`))))
  })
}

async function main([model, samples]: readonly string[]): Promise<void> {
  const subject = await subjectOf(models[model as Name]())
  const random = seededRandom(2)
  function* source() {
    for (let i = 0; i < Number(samples); i++) yield subject.sample(random)
  }
  await collectStatistics(subject.model, subject.tensors, source(), subject.runtime)
  process.send?.(process.resourceUsage().maxRSS * 1024)
  process.disconnect()
}

if (isMain(import.meta.url)) await main(process.argv.slice(2))
