/**
 * Throughput and latency of sessions on the device, beside trtexec on the very same plan where there is one.
 * Usage: node --import tsx scripts/verify-gpu/benchmark.ts CONTEXT (JSON of StepContext); the last line is an Outcome.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, readSync, closeSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, readEngineHeader, type Session } from '../../lib/index.js'
import { benchmark, type StepReport } from '../../lib/bench/index.js'
import { contextOf, type StepContext, tell } from './context.js'
import { type Case, inputsOf, published, small } from './models.js'
import type { Outcome } from './schema.js'
import { parseTrtexec, trtexecArguments, type TrtexecFigures } from './trtexec.js'

interface Measured {
  model: string
  /** How it was run. */
  how: string
  throughput: number | null
  latencyMean: number | null
  latencyP99: number | null
  computeMean: number | null
  eventLoopP99: number | null
  note: string
}

const casesOf = ({ models }: StepContext): readonly Case[] =>
  models === 'small'
    ? small.filter(({ name }) => ['identity', 'matmul'].includes(name))
    : published.filter(({ name }) => ['ocr-rec', 'mlsd-320-tiny'].includes(name))

/** One request at a time, as trtexec with one stream; then as many as keep the lanes busy. */
const ways = [
  { how: 'one lane, one in flight', lanes: 1, inFlight: 1 },
  { how: 'one lane, 4 in flight', lanes: 1, inFlight: 4 },
  { how: 'two lanes, 8 in flight', lanes: 2, inFlight: 8 },
] as const

async function measureOurs(engine: Engine, each: Case, context: StepContext): Promise<Measured[]> {
  const found: Measured[] = []
  for (const { how, lanes, inFlight } of ways) {
    await using session = await engine.createSession({ lanes })
    const inputs = pinned(session, each)
    const limits = context.quick ? { warmUp: 50, duration: 150, stability: 0 } : { warmUp: 500, duration: 2000 }
    const report = await benchmark(session, { inputs, concurrency: inFlight, ...limits })
    const step = report.steps[0] as StepReport
    found.push({
      model: each.name,
      how,
      throughput: step.throughput,
      latencyMean: step.latency.mean,
      latencyP99: step.latency.p99,
      computeMean: session.stats().compute.mean,
      eventLoopP99: step.eventLoopDelay.p99,
      note: Object.keys(step.failed).length > 0 ? `failed: ${JSON.stringify(step.failed)}` : step.stable === false ? 'not stable' : '',
    })
  }
  return found
}

/** Page-locked inputs, which a service would use: trtexec's buffers are page-locked as well. */
function pinned(session: Session, each: Case): ReturnType<typeof inputsOf> {
  const inputs = inputsOf(each)
  for (const [name, { shape, data }] of Object.entries(inputs)) {
    const memory = session.alloc(name, [...shape])
    ;(memory.data as Float32Array).set(data as Float32Array)
    inputs[name] = memory
  }
  return inputs
}

/** The plan alone: an engine file is a header and the plan, in this order. */
async function barePlan(engine: Engine, folder: string): Promise<string> {
  const file = join(folder, 'saved.engine')
  await engine.save(file)
  const { payload } = await readEngineHeader(file)
  const bytes = Buffer.alloc(payload.bytes)
  const handle = openSync(file, 'r')
  readSync(handle, bytes, 0, bytes.length, statSync(file).size - bytes.length)
  closeSync(handle)
  const plan = join(folder, 'bare.plan')
  writeFileSync(plan, bytes)
  return plan
}

async function measureTrtexec(engine: Engine, each: Case, context: StepContext): Promise<Measured[]> {
  if (context.trtexec === null) return []
  const folder = mkdtempSync(join(tmpdir(), 'verify-gpu-'))
  try {
    const plan = await barePlan(engine, folder)
    return [false, true].map((graph) => {
      const limits = { durationS: context.quick ? 1 : 3, graph, device: context.device }
      const args = [...trtexecArguments(plan, context.major, limits), ...shapesFlag(each)]
      const { status, stdout, stderr } = spawnSync(context.trtexec as string, args, { encoding: 'utf8', timeout: 40_000 })
      const note = status === 0 ? '' : `trtexec ended with ${status}: ${(stderr || stdout).trim().split('\n').at(-1)}`
      return fromTrtexec(each.name, `trtexec, one stream${graph ? ', CUDA graph' : ''}`, parseTrtexec(stdout), note)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function fromTrtexec(model: string, how: string, figures: TrtexecFigures, note: string): Measured {
  const { throughput, latencyMean, latencyP99, computeMean } = figures
  return { model, how, throughput, latencyMean, latencyP99, computeMean, eventLoopP99: null, note }
}

const shapesFlag = ({ inputs }: Case): string[] => {
  const dims = Object.entries(inputs).map(([name, { shape }]) => `'${name}':${shape.join('x')}`)
  return [`--shapes=${dims.join(',')}`]
}

function outcome(found: readonly Measured[], errors: readonly string[], context: StepContext): Outcome {
  const figure = (value: number | null, digits: number) => (value === null ? '' : value.toFixed(digits))
  const beside = context.trtexec === null ? 'trtexec was not found: no figures beside ours' : `trtexec: ${context.trtexec}`
  return {
    status: errors.length === 0 && found.length > 0 ? 'passed' : 'failed',
    summary: errors.length === 0 ? `${found.length} measurements` : errors.join('; '),
    notes: [
      `${beside}. Transfers in and out are part of every figure; waits block.`,
      ...(context.quick ? ['--quick: these figures mean nothing.'] : []),
    ],
    tables: [
      {
        title: 'Throughput and latency',
        columns: ['model', 'how', 'per second', 'latency mean ms', 'p99 ms', 'compute mean ms', 'event loop p99 ms', ''],
        rows: found.map((each) => [
          each.model,
          each.how,
          figure(each.throughput, 1),
          figure(each.latencyMean, 3),
          figure(each.latencyP99, 3),
          figure(each.computeMean, 3),
          figure(each.eventLoopP99, 2),
          each.note,
        ]),
      },
    ],
    details: { measured: found, errors },
  }
}

async function main(): Promise<void> {
  const context = contextOf(process.argv[2])
  const found: Measured[] = []
  const errors: string[] = []
  for (const each of casesOf(context)) {
    if (performance.now() > context.softLimitMs) {
      errors.push(`no time for ${each.name}`)
      continue
    }
    try {
      const { backend, cacheDir } = context
      await using engine = await Engine.build(each.bytes(), { backend, cacheDir, isolate: !context.quick, shapes: each.shapes })
      found.push(...(await measureOurs(engine, each, context)), ...(await measureTrtexec(engine, each, context)))
    } catch (error) {
      errors.push(`${each.name}: ${(error as Error).message}`)
    }
  }
  tell(outcome(found, errors, context))
}

await main()
