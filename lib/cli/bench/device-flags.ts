import { type Command, Option } from 'commander'
import { integerFlag } from '../flags/numbers.js'
import { UsageError } from '../usage.js'
import type { BenchFlags } from './flags.js'

/** Of the loop on the device, under trtexec's names. */
export interface DeviceFlags {
  noCudaGraph?: boolean
  useCudaGraph?: boolean
  noSpinWait?: boolean
  noDataTransfers?: boolean
  includeDataTransfers?: boolean
  exposeDMA?: boolean
  idleTime?: number
  sleepTime?: number
  avgRuns?: number
  useProfile?: number
  dumpProfile?: boolean
  exportProfile?: string
  dumpLayerInfo?: boolean
  exportLayerInfo?: string
}

const deviceOnly: readonly (keyof DeviceFlags)[] = [
  'noCudaGraph',
  'useCudaGraph',
  'noSpinWait',
  'noDataTransfers',
  'includeDataTransfers',
  'exposeDMA',
  'idleTime',
  'sleepTime',
  'avgRuns',
  'useProfile',
  'dumpProfile',
  'exportProfile',
  'dumpLayerInfo',
  'exportLayerInfo',
]

/** Flags that describe requests: whoever gives one asks what callers get. */
const ofRequests: readonly (keyof BenchFlags)[] = [
  'concurrency',
  'open',
  'rate',
  'load',
  'arrivals',
  'trace',
  'steps',
  'classes',
  'slo',
  'findMax',
  'goodput',
  'batcher',
  'maxBatch',
  'maxQueueDelay',
  'stability',
  'maxWindows',
  'loadInputs',
  'html',
  'csv',
  'name',
]

export function addDeviceFlags(command: Command): Command {
  const group = 'The loop on the device (engines of TensorRT and TensorRT-RTX, as trtexec):'
  const integer = (flag: string, text: string, least = 0) =>
    new Option(`${flag} <n>`, text).argParser(integerFlag(flag, least, 24 * 3600 * 1000))
  const options = [
    new Option('--useCudaGraph', 'launch a captured graph (the default)').conflicts('noCudaGraph'),
    new Option('--noCudaGraph', 'enqueue each run anew'),
    new Option('--noSpinWait', 'wait for the device asleep (the default)').conflicts('useSpinWait'),
    new Option('--noDataTransfers', 'leave inputs and outputs on the device'),
    new Option('--includeDataTransfers', 'copy inputs in and outputs out (the default)').conflicts('noDataTransfers'),
    new Option('--exposeDMA', 'one run of a stream at a time: copies do not overlap computing'),
    integer('--idleTime', 'milliseconds that the host pauses between two rounds'),
    integer('--sleepTime', 'milliseconds that the device pauses before the first run computes'),
    integer('--avgRuns', 'runs averaged for a line of the trace (default: 10)', 1),
    integer('--useProfile', 'number of the optimization profile (default: 0)'),
    new Option('--dumpProfile', 'tell the time of each layer'),
    new Option('--exportProfile <file>', 'write the time of each layer as JSON'),
    new Option('--dumpLayerInfo', 'tell the layers'),
    new Option('--exportLayerInfo <file>', 'write the layers as JSON'),
  ]
  for (const option of options) command.addOption(option.helpGroup(group))
  return command
}

/**
 * Whether the device is to be measured alone: it can be, and no flag asks for requests.
 *
 * @param given Whether a flag stood on the command line.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: flags of both.
 */
export function measuresDevice(backend: string, given: (flag: string) => boolean): boolean {
  const device = deviceOnly.find(given)
  const requests = ofRequests.find(given)
  const can = backend === 'tensorrt' || backend === 'tensorrt-rtx'
  if (device === undefined) return can && requests === undefined
  if (!can) throw new UsageError(`--${device} is for engines of TensorRT and TensorRT-RTX; this one is for '${backend}'. Leave it away.`)
  if (requests === undefined) return true
  throw new UsageError(`--${device} is for the loop on the device, --${requests} for requests: give one of them.`)
}
