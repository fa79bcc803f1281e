import { exportProfile, renderTrtexec } from '../../bench/device/text.js'
import { type DeviceSummary, summarizeDevice } from '../../bench/device/summary.js'
import { TrtError } from '../../core/errors.js'
import type { EngineLayer, LayerProfile } from '../../engine/controls/layers.js'
import type { DeviceMeasurement, MeasureOptions } from '../../engine/controls/measure.js'
import type { Engine } from '../../engine/engine.js'
import { writeAtomically } from '../../engine/files.js'
import { type Context, note, printJson, withProgress } from '../context.js'
import { defined } from '../flags/model.js'
import { engineFacts, renderEngine } from '../view/engine.js'
import { renderLayerProfile, renderLayers } from '../view/layers.js'
import type { BenchFlags } from './flags.js'

const averageOf = 10

interface DeviceResult {
  readonly options: MeasureOptions
  readonly measured: DeviceMeasurement
  readonly summary: DeviceSummary
  readonly profile: LayerProfile | null
  readonly layers: readonly EngineLayer[] | null
}

/** What the device can do, by the loop of trtexec, with its lines. */
export async function benchDevice(engine: Engine, flags: BenchFlags, context: Context): Promise<void> {
  const result = await withProgress(context, flags, 'measuring on the device', () => measureDevice(engine, flags, context))
  const { options, measured, summary, profile, layers } = result
  const written = await writeFiles(result, flags)
  if (flags.json) {
    const { signal: _, ...settings } = options
    const inside = { ...(profile === null ? {} : { profile }), ...(layers === null ? {} : { layers }) }
    printJson(context, { kind: 'device', engine: engineFacts(engine), settings, cudaGraph: measured.cudaGraph, ...summary, ...inside })
  } else {
    context.out(`${renderEngine(engine)}\n${modeText(result)}\n${renderTrtexec(measured, summary, flags.avgRuns ?? averageOf)}\n`)
    if (layers !== null && flags.dumpLayerInfo) context.out(`\n${renderLayers(layers)}`)
    if (profile !== null && flags.dumpProfile) context.out(`\n${renderLayerProfile(profile)}`)
  }
  for (const file of written) note(context, flags, `Wrote ${file}.`)
}

async function measureDevice(engine: Engine, flags: BenchFlags, { signal }: Context): Promise<DeviceResult> {
  const options = optionsOf(flags, signal)
  const measured = await engine.measure(options)
  const summary = summarizeDevice(measured, flags.percentile)
  if (summary === null) {
    const message = `No run began to compute after the warm-up of ${flags.warmUp} ms. Give a longer --duration, or a shorter --warmUp.`
    throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { warmUpRuns: measured.warmUpRuns })
  }
  const ofProfile = defined({ profile: options.profile, shapes: options.shapes, signal })
  const wantsProfile = flags.dumpProfile === true || flags.exportProfile !== undefined
  const wantsLayers = flags.dumpLayerInfo === true || flags.exportLayerInfo !== undefined
  return {
    options,
    measured,
    summary,
    profile: wantsProfile ? await engine.profileLayers(ofProfile) : null,
    layers: wantsLayers ? await engine.layers({ signal }) : null,
  }
}

function optionsOf(
  flags: BenchFlags,
  signal: AbortSignal,
): MeasureOptions & { spinWait: boolean; cudaGraph: boolean; dataTransfers: boolean } {
  return {
    ...defined({
      idleTime: flags.idleTime,
      sleepTime: flags.sleepTime,
      profile: flags.useProfile,
      shapes: flags.shapes === undefined ? undefined : Object.fromEntries(flags.shapes),
    }),
    streams: flags.lanes ?? flags.infStreams ?? flags.streams ?? 1,
    iterations: flags.iterations,
    warmUp: Math.round(flags.warmUp),
    duration: Math.round(flags.duration * 1000),
    overlap: flags.exposeDMA !== true,
    spinWait: flags.useSpinWait === true,
    cudaGraph: flags.noCudaGraph !== true,
    dataTransfers: flags.noDataTransfers !== true,
    signal,
  }
}

/** trtexec's defaults differ between its versions: figures can be compared only where the mode is told. */
function modeText({ options, measured }: DeviceResult): string {
  const { cudaGraph } = measured
  const streams = options.streams === 1 ? '1 stream' : `${options.streams} streams`
  const graph = cudaGraph.used ? 'CUDA graph' : `no CUDA graph (${cudaGraph.reason})`
  const copies = options.dataTransfers ? `data transfers ${options.overlap ? 'that overlap' : 'in turn'}` : 'no data transfers'
  return `Measured: ${streams}, ${graph}, ${copies}, waiting ${options.spinWait ? 'by polling' : 'asleep'}.`
}

async function writeFiles({ measured, profile, layers }: DeviceResult, flags: BenchFlags): Promise<string[]> {
  const written: string[] = []
  const write = async (file: string | undefined, content: unknown) => {
    if (file === undefined) return
    await writeAtomically(file, [Buffer.from(`${JSON.stringify(content)}\n`)])
    written.push(file)
  }
  await write(flags.exportTimes, measured.runs)
  await write(flags.exportProfile, profile === null ? null : exportProfile(profile))
  await write(
    flags.exportLayerInfo,
    layers === null ? null : { Layers: layers.map(({ name, facts }) => (Object.keys(facts).length === 0 ? name : facts)) },
  )
  return written
}
