/**
 * Reads a line of text out of a picture: the whole way from a file to an answer, and how fast it was. `npm run demo`.
 *
 * In a program of your own, the first import below is `from 'tensorrt-node'`.
 */
import { Engine, type Session, tensor } from '../../lib/index.js'
import { basename } from 'node:path'
import { type EventLoopDelay, watchEventLoop } from '../../lib/bench/event-loop-delay.js'
import { parseArguments, USAGE } from './arguments.js'
import { decode } from './ctc.js'
import { findModel, type LineReader } from './model.js'
import { readPng } from './picture.js'
import { HEIGHT, type ModelInput, toInput, WIDTH } from './pixels.js'
import { engineSummary, eventLoopLine, latencyTable, progressBar } from './report.js'

async function demo(image: string, runs: number): Promise<void> {
  const picture = await readPng(image)
  const input = toInput(picture)
  const model = await findModel()

  const began = performance.now()
  await using engine = await buildEngine(model.onnxPath)
  await using session = await engine.createSession({ lanes: 1 })
  const builtMs = performance.now() - began
  const warm = await session.warmUp({ shapes: { x: input.shape } })
  console.log(`Built in ${builtMs.toFixed(0)} ms, warm after ${warm.runs} runs (the first took ${warm.firstMs.toFixed(1)} ms)\n`)

  const { probabilities, delay } = await runAgainAndAgain(session, input, runs)
  const { text, confidence } = decode(probabilities, model.classes)
  console.log(`${basename(image)}, ${picture.width} × ${picture.height}`)
  console.log(text === '' ? '  no text found\n' : `  ${text}\n  confidence ${(100 * confidence).toFixed(1)} %\n`)
  console.log(engineSummary(engine, session.lanes))
  console.log(latencyTable(session.stats().total))
  console.log(eventLoopLine(delay))
}

/** An engine for one line at a time, of any length up to WIDTH.max columns. */
async function buildEngine(onnxPath: string): Promise<Engine<LineReader>> {
  using bar = progressBar(process.stderr)
  return await Engine.build<LineReader>(onnxPath, {
    shapes: { x: { min: [1, 3, HEIGHT, WIDTH.min], opt: [1, 3, HEIGHT, WIDTH.opt], max: [1, 3, HEIGHT, WIDTH.max] } },
    onProgress: ({ phase, fraction }) => bar.update(`building the engine: ${phase}`, fraction),
  })
}

interface Measured {
  /** Of the last run: [steps, classes]. */
  readonly probabilities: Float32Array
  readonly delay: EventLoopDelay
}

/** One answer would do; the session's statistics and the event loop's delay want many. */
async function runAgainAndAgain(session: Session<LineReader>, { data, shape }: ModelInput, runs: number): Promise<Measured> {
  const x = tensor('float32', shape, data)
  using bar = progressBar(process.stderr)
  const eventLoop = watchEventLoop()
  let outputs = await session.run({ x })
  for (let run = 2; run <= runs; run++) {
    bar.update('reading', run / runs)
    outputs = await session.run({ x })
  }
  return { probabilities: outputs['softmax_11.tmp_0'].data, delay: eventLoop.stop() }
}

try {
  const { image, runs, help } = parseArguments(process.argv.slice(2))
  if (help) console.log(USAGE)
  else await demo(image, runs)
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
