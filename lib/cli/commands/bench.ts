import type { Command } from 'commander'
import { benchmark } from '../../bench/benchmark.js'
import { findMax } from '../../bench/find-max.js'
import type { BenchmarkOptions, StepProgress } from '../../bench/options.js'
import type { BenchmarkReport } from '../../bench/report/schema.js'
import { renderReport } from '../../bench/report/text.js'
import { formatNumber } from '../../core/text-format.js'
import { compareSides } from '../bench/compare.js'
import { addLoadFlags, addMeasureFlags, addSubjectFlags, type BenchFlags } from '../bench/flags.js'
import { type LoadPlan, loadPlan, loadsOf } from '../bench/load.js'
import { TimesLog, writeOutputs } from '../bench/outputs.js'
import { addDeviceFlags, measuresDevice } from '../bench/device-flags.js'
import { benchDevice } from '../bench/device.js'
import { type Subject, subjectOf } from '../bench/subject.js'
import { type Context, note, printJson, withProgress } from '../context.js'
import { engineFacts, renderEngine } from '../view/engine.js'
import { openEngine } from '../open-engine.js'
import type { Progress } from '../view/progress.js'
import { addCommonFlags } from './common.js'

const help = `
An engine of TensorRT or TensorRT-RTX is measured on the device by trtexec's own loop, on zeros, with its lines and its JSON of
--exportTimes: what the device can do. Any flag of requests (--concurrency, --rate, --batcher …) measures what callers get, as
with other backends; --concurrency=1 is the least of them.

A closed loop keeps --concurrency requests in flight, each begun when the one before it ended: it shows what the device can do,
not the latency under requests that come by themselves. An open loop (--open, --rate, --load, --arrivals, --trace) sends each
request at a time fixed before the run, whatever became of those before; latency counts from that time, so that a late
generator or a growing queue cannot hide. Times and classes follow --seed.

Each step is measured for --duration seconds in three windows, and on until throughput and latency of the last three agree to
--stability percent. Goodput is the share of the requests offered that were answered within their deadline: that of their
class, else --slo, which the runner is told. A session refuses what has not begun by then; a batcher what it cannot finish.
Percentiles are exact, from all counted requests. Event-loop delay is how late a timer of one millisecond came meanwhile.
CPU is that of the whole process, the generator included, in microseconds for each request.

--classes is a JSON file: [{ "name": "live", "weight": 3, "deadline": 15, "rows": 1, "priority": 1 }, …]. Weights are shares of the
requests, deadlines milliseconds. Requests of a class, and all with --batcher, have as many rows as they say (default: 1).
--arrivals takes constant, poisson, bursty (phases of 1.8 and 0.2 times the rate, each 100 ms in the mean), or a file: a JSON array
of times in milliseconds, or one on each line.
--compare measures in turn, round by round, and says which differences are noise. Sides are flags of the model and the session,
or other models; of two reports (--json) it compares what has the same load.
--exportTimes writes [{ "load", "startMs", "endMs", "latencyMs" }], with "outcome" where there was no answer.
With --batcher, batches of 1, 2, 4 … rows run before; --json has their times as "costs", which plan --cost reads.
Inputs and shapes are written as for run. docs/benchmark.md describes the report.

Example:
  $ tensorrt-node bench model.engine --lanes=2 --concurrency=1,2,4,8 --duration=10
  $ tensorrt-node bench model.onnx --batcher --open --slo=30ms --arrivals=bursty --html=report.html
  $ tensorrt-node bench model.onnx --batcher --slo=30ms --find-max
  $ tensorrt-node bench model.onnx --rate=200 --compare "lanes=1" "lanes=2"`

export function addBench(program: Command, context: Context): void {
  const command = program.command('bench').description('measure latency and throughput of a model under load')
  addCommonFlags(addDeviceFlags(addMeasureFlags(addLoadFlags(addSubjectFlags(command)))))
    .addHelpText('after', help)
    .action((model: string | undefined, flags: BenchFlags) =>
      flags.compare === undefined
        ? bench(model, flags, (flag) => command.getOptionValueSource(flag) === 'cli', context)
        : compareSides(model, flags, context),
    )
}

async function bench(model: string | undefined, flags: BenchFlags, given: (flag: string) => boolean, context: Context): Promise<void> {
  const plan = await loadPlan(flags, context)
  await using engine = await openEngine(model, flags, context)
  if (measuresDevice(engine.backend.name, given)) return await benchDevice(engine, flags, context)
  const inFlight = Math.max(...(flags.concurrency ?? [1]))
  const wanted = { inFlight, slo: flags.slo, byRows: flags.classes !== undefined }
  await using subject = await subjectOf({ engine, model, plan: wanted }, flags, context)
  const times = new TimesLog()
  const report = await withProgress(context, flags, 'warming up', (progress) => measure(subject, flags, { plan, times, progress, context }))
  const written = await writeOutputs(report, times, flags)
  const { lanes, costs } = subject
  if (flags.json) printJson(context, { ...report, engine: engineFacts(engine), lanes, ...(costs === null ? {} : { costs }) })
  else context.out(`${renderEngine(engine)}\n${renderReport(report)}`)
  for (const file of written) note(context, flags, `Wrote ${file}.`)
}

interface Measuring {
  plan: LoadPlan
  times: TimesLog
  progress: Progress
  context: Context
}

async function measure(subject: Subject, flags: BenchFlags, { plan, times, progress, context }: Measuring): Promise<BenchmarkReport> {
  const options: BenchmarkOptions = {
    ...plan.common,
    inputs: subject.inputs,
    name: flags.name ?? subject.name,
    onProgress: (step) => progress.update(progressText(step, plan), flags.findMax ? null : step.step / step.steps),
    ...(flags.exportTimes === undefined ? {} : { onSamples: times.add }),
  }
  if (flags.findMax) {
    const { arrivals } = plan
    return findMax(subject.runner, { ...options, goodput: flags.goodput / 100, ...(arrivals === undefined ? {} : { arrivals }) })
  }
  return benchmark(subject.runner, { ...options, ...(await loadsOf(subject, flags, plan, context)) })
}

function progressText({ phase, load, step, steps }: StepProgress, { open }: LoadPlan): string {
  const at = `${formatNumber(Number(load.toPrecision(3)))} ${open ? 'requests/s' : 'in flight'}`
  return `${phase === 'warm-up' ? 'warming up' : 'measuring'}: ${at}${steps > 1 ? `, step ${step + 1} of ${steps}` : ''}`
}
