import { type Command, Option } from 'commander'
import { planCapacity } from '../../bench/capacity/index.js'
import { mostLanes } from '../../bench/capacity/options.js'
import type { RequestClass } from '../../bench/load/classes.js'
import { type CommonFlags, type Context, type End, printJson, withProgress } from '../context.js'
import { durationFlag } from '../flags/duration.js'
import { defined } from '../flags/model.js'
import { integerFlag, numberFlag } from '../flags/numbers.js'
import { readArrivals } from '../load/read-arrivals.js'
import { readCosts } from '../load/read-costs.js'
import { readJson } from '../load/read-json.js'
import { exitCodes, UsageError } from '../usage.js'
import { renderPlan } from '../view/plan.js'
import { addCommonFlags } from './common.js'

interface PlanFlags extends CommonFlags {
  slo?: number
  rate?: number
  cost: string
  arrivals: string
  lanes?: number | 'auto'
  target: number
  maxBatch?: number
  maxQueue?: number
  maxQueueDelay?: number
  classes?: string
  requests?: number
  noise: number
  seed: number
}

const help = `
Runs the batcher's own rule on a trace of arrivals in simulated time: the same flags give the same plan. What it leaves out is
the batcher's own work, a few microseconds for each request, and what other programs take from the machine.

--cost is the time of an execution by its number of rows: rows:milliseconds, linear between; or a JSON file with what
bench --batcher --json printed, or session.warmUp() reports. Measure with as many lanes busy as will be: each lane is taken to be as fast as one alone, so that
lanes of one device need the times of a device that they share.
--arrivals is constant, poisson, bursty (phases of 1.8 and 0.2 times the rate, each 100 ms in the mean), or a file of recorded
times in milliseconds: a JSON array, or one on each line.
--classes is a JSON file: [{ "name": "live", "weight": 3, "deadline": 15, "rows": 1, "priority": 1 }, …]. Weights are shares of the
requests, deadlines milliseconds.
Goodput is the share of the requests offered that are answered in time, ± its 95 % confidence interval.

Exit code 1: no number of lanes reaches --target, or the given --lanes do not.

Example:
  $ tensorrt-node plan --slo=30ms --rate=800 --cost=1:4.5,16:12
  $ tensorrt-node plan --slo=30ms --rate=2000 --cost=bench.json --arrivals=bursty --lanes=2 --json`

export function addPlan(program: Command, context: Context, end: End): void {
  const command = program.command('plan').description('predict latency, goodput and lanes needed for a load')
  const integer = (flag: string, text: string, max?: number) => new Option(`${flag} <n>`, text).argParser(integerFlag(flag, 1, max))
  addCommonFlags(command)
    .addOption(new Option('--slo <time>', 'answer within this: 30ms').argParser(durationFlag('--slo')))
    .addOption(new Option('--rate <n>', 'requests per second; a recorded trace has its own').argParser(numberFlag('--rate', 1e-6, 1e7)))
    .addOption(new Option('--cost <spec>', 'rows:ms pairs, 1:4.5,16:12, or a JSON file').makeOptionMandatory())
    .addOption(new Option('--arrivals <kind>', 'constant, poisson, bursty, or a file of times').default('poisson'))
    .addOption(
      new Option('--lanes <n>', 'executions at once, or auto: the fewest that reach --target')
        .argParser((text) => (text === 'auto' ? 'auto' : integerFlag('--lanes', 1, mostLanes)(text)))
        .default('auto'),
    )
    .addOption(new Option('--target <percent>', 'goodput to reach').argParser(numberFlag('--target', 0, 100)).default(99))
    .addOption(integer('--maxBatch', 'most rows in one batch (default: the largest of --cost)', 1_000_000))
    .addOption(integer('--maxQueue', 'most requests that wait (default: 1024)', 2 ** 31 - 1))
    .addOption(
      new Option('--maxQueueDelay <ms>', 'longest wait for company while a lane is idle (default: 5)').argParser(
        numberFlag('--maxQueueDelay', 0),
      ),
    )
    .option('--classes <file>', 'kinds of requests, as JSON')
    .addOption(integer('--requests', 'requests to simulate (default: five seconds of them, at least 20000)', 10_000_000))
    .addOption(new Option('--noise <percent>', 'spread of execution times').argParser(numberFlag('--noise', 0, 100)).default(5))
    .addOption(new Option('--seed <n>', 'of arrivals, classes and noise').argParser(integerFlag('--seed', 0, 2 ** 32 - 1)).default(1))
    .addHelpText('after', help)
    .action((flags: PlanFlags) => plan(flags, context, end))
}

async function plan(flags: PlanFlags, context: Context, end: End): Promise<void> {
  const { slo, rate, lanes, target, maxBatch, maxQueue, maxQueueDelay, requests, noise, seed } = flags
  const { signal } = context
  const arrivals = await readArrivals('--arrivals', flags.arrivals, signal)
  if (rate === undefined && arrivals.kind !== 'trace')
    throw new UsageError('Expected --rate, the requests per second: only a recorded trace of --arrivals has its own.')
  const options = {
    ...defined({ slo, rate, lanes, maxBatch, maxQueue, maxQueueDelay, requests, seed }),
    cost: await readCosts('--cost', flags.cost, signal),
    arrivals,
    ...(flags.classes === undefined ? {} : { classes: (await readJson('--classes', flags.classes, signal)) as RequestClass[] }),
    target: target / 100,
    noise: noise / 100,
    signal,
  }
  const result = await withProgress(context, flags, 'simulating', () => planCapacity(options))
  if (flags.json) printJson(context, result)
  else context.out(renderPlan(result))
  if (result.prediction.goodput < result.target) end(exitCodes.failed)
}
