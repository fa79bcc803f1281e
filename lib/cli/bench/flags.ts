import { type Command, Option } from 'commander'
import { durationFlag } from '../flags/duration.js'
import { addModelFlags, addSessionFlags, type ModelFlags, type SessionFlags } from '../flags/model.js'
import type { DeviceFlags } from './device-flags.js'
import { integerFlag, numberFlag, numbersFlag, percentilesFlag } from '../flags/numbers.js'

/** What is measured: may differ between the two sides of a comparison. */
export interface SubjectFlags extends ModelFlags, SessionFlags {
  infStreams?: number
  streams?: number
  batcher?: boolean
  maxBatch?: number
  maxQueueDelay?: number
}

export interface BenchFlags extends SubjectFlags, DeviceFlags {
  concurrency?: number[]
  open?: boolean
  rate?: number[]
  load?: number[]
  arrivals?: string
  trace?: string
  steps?: number
  classes?: string
  slo?: number
  findMax?: boolean
  goodput: number
  warmUp: number
  duration: number
  iterations: number
  stability: number
  maxWindows: number
  useSpinWait?: boolean
  compare?: string[]
  rounds: number
  percentile: number[]
  name?: string
  html?: string
  csv?: string
  exportTimes?: string
}

const most = 1_000_000

export function addSubjectFlags(command: Command): Command {
  const integer = (flag: string, text: string) => new Option(`${flag} <n>`, text).argParser(integerFlag(flag, 1, most))
  return addSessionFlags(addModelFlags(command))
    .addOption(new Option('--lanes <n>', 'runs that execute at once (default: 1)').argParser(integerFlag('--lanes', 1, 1024)))
    .addOption(
      new Option('--infStreams <n>', "trtexec's name for --lanes").argParser(integerFlag('--infStreams', 1, 1024)).conflicts('lanes'),
    )
    .addOption(
      new Option('--streams <n>', "trtexec's other name for --lanes")
        .argParser(integerFlag('--streams', 1, 1024))
        .conflicts(['lanes', 'infStreams']),
    )
    .option('--batcher', 'send requests of one row through a MicroBatcher')
    .addOption(integer('--maxBatch', "with --batcher: most rows in one batch (default: the engine's)"))
    .addOption(new Option('--maxQueueDelay <ms>', 'with --batcher: longest wait for company').argParser(numberFlag('--maxQueueDelay', 0)))
}

export function addLoadFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--concurrency <list>', 'closed loop: requests in flight, several are steps (default: the lanes)').argParser(
        numbersFlag('--concurrency', { min: 1, max: most, whole: true }),
      ),
    )
    .option('--open', 'open loop: requests come by themselves')
    .addOption(
      new Option('--rate <list>', 'open loop: requests per second, several are steps').argParser(
        numbersFlag('--rate', { min: 1e-3, max: 1e7 }),
      ),
    )
    .addOption(
      new Option('--load <list>', 'open loop: shares of what a closed loop gets through, 0.5,0.9,1.2; measured first')
        .argParser(numbersFlag('--load', { min: 1e-3, max: 100 }))
        .conflicts('rate'),
    )
    .option('--arrivals <kind>', 'open loop: constant, poisson, bursty, or a file of recorded times (default: poisson)')
    .addOption(new Option('--trace <file>', 'open loop: recorded arrival times in milliseconds').conflicts('arrivals'))
    .addOption(
      new Option('--steps <n>', 'that many equal steps up to the last --concurrency, --rate or --load').argParser(
        integerFlag('--steps', 2, 1000),
      ),
    )
    .option('--classes <file>', 'kinds of requests, as JSON')
    .addOption(new Option('--slo <time>', 'answers count within this: 30ms').argParser(durationFlag('--slo')))
    .option('--find-max', 'search the highest rate at which --goodput of the requests are answered in time')
    .addOption(new Option('--goodput <percent>', 'of --find-max').argParser(numberFlag('--goodput', 0.001, 100)).default(99))
}

export function addMeasureFlags(command: Command): Command {
  return command
    .addOption(new Option('--warmUp <ms>', 'what is sent before is not counted').argParser(numberFlag('--warmUp', 0)).default(200))
    .addOption(
      new Option('--duration <s>', 'least time to measure each step, in three windows').argParser(numberFlag('--duration', 0)).default(3),
    )
    .addOption(new Option('--iterations <n>', 'least number of requests to measure').argParser(integerFlag('--iterations', 1)).default(10))
    .addOption(
      new Option('--stability <percent>', 'measure on while the last three windows differ by more; 0: never')
        .argParser(numberFlag('--stability', 0, 100))
        .default(10),
    )
    .addOption(new Option('--maxWindows <n>', 'most windows of a step').argParser(integerFlag('--maxWindows', 3, 10_000)).default(10))
    .option('--useSpinWait', 'send on time at the price of a core, instead of up to a millisecond late; on the device: wait by polling')
    .option('--compare <sides...>', 'measure two sides in turn: "lanes=1" "lanes=2 batcher", two models, or two reports (.json)')
    .addOption(new Option('--rounds <n>', 'of --compare, for each side').argParser(integerFlag('--rounds', 3, 10_000)).default(10))
    .addOption(
      new Option('--percentile <list>', 'percentiles of the table')
        .argParser(percentilesFlag('--percentile'))
        .default([90, 95, 99], '90,95,99'),
    )
    .option('--name <text>', 'what the report is called (default: the model and how it is run)')
    .option('--html <file>', 'write the report as a page with drawings')
    .option('--csv <file>', 'write a line for each step')
    .option('--exportTimes <file>', 'write the times of each request as a JSON array')
}
