import type { NativeEngine, NativeIo } from '../backend/native.js'
import { type DataType, isTensorType, typeFromNumber } from '../core/dtypes.js'
import type { ValueSummary } from '../onnx/inspect.js'
import type { PrecisionReport } from '../onnx/report/types.js'
import type { Built, NativeBuild } from './build-native.js'
import { sha256 } from './checksum.js'
import { type EngineHeader, formatVersion, type HeaderIo } from './engine-header.js'
import { packageId } from './package-info.js'
import { parsePlanHeader } from './tensorrt/plan.js'

/** Where a library lies does not change what it builds; its version is in the key. */
export function withoutPaths({ choice, native }: Pick<NativeBuild, 'choice' | 'native'>): Record<string, string> {
  return Object.fromEntries(Object.entries(native).filter(([name]) => !(name in choice.options)))
}

/** What a build has made. */
export interface Made extends Built {
  readonly report: PrecisionReport | null
}

/** @param engine Null: this machine cannot load it, and the build itself or the model tells of inputs and outputs. */
export async function describe(build: NativeBuild, { payload, facts, report }: Made, engine: NativeEngine | null): Promise<EngineHeader> {
  const { source, choice, profiles, options } = build
  // What the header has elsewhere is not stored twice.
  const { inputs: told, outputs: given, settings: _, ...others } = JSON.parse(facts || '{}') as BuildFacts
  const { inputs, outputs } = describeIo(engine?.io() ?? null, { inputs: told, outputs: given }, build)
  const plan = parsePlanHeader(payload)
  return {
    format: formatVersion,
    backend: choice.name,
    backendVersion: choice.version,
    precision: options.precision.precision,
    inputs,
    outputs,
    profiles,
    source: { name: source.name, bytes: source.bytes.byteLength, sha256: source.sha256 },
    payload: { bytes: payload.byteLength, sha256: await sha256(payload, options.signal) },
    labels: options.labels,
    options: withoutPaths(build),
    facts: plan === null ? others : { ...others, plan },
    ...(report === null ? {} : { report }),
    createdBy: { package: packageId, node: process.version, platform: `${process.platform}-${process.arch}` },
  }
}

interface BuildFacts {
  readonly inputs?: readonly BuiltTensor[]
  readonly outputs?: readonly BuiltTensor[]
  readonly [fact: string]: unknown
}

/** What a build tells of an input or output: what the network says, not what the model does. */
type BuiltTensor = Pick<NativeIo, 'name' | 'type' | 'dims' | 'isShape'>

type Io = Pick<EngineHeader, 'inputs' | 'outputs'>

function describeIo(
  native: readonly NativeIo[] | null,
  built: { inputs: BuildFacts['inputs'] | undefined; outputs: BuildFacts['outputs'] | undefined },
  { source }: NativeBuild,
): Io {
  if (native !== null) {
    const of = (wanted: 'input' | 'output') => native.filter(({ direction }) => direction === wanted).map(fromNative)
    return { inputs: of('input'), outputs: of('output') }
  }
  const { inputs = [], outputs = [] } = source.summary ?? {}
  const named = [...inputs, ...outputs]
  const namesOf = (name: string) => named.find((value) => value.name === name)?.dimNames ?? null
  const fromBuild = (tensor: BuiltTensor) => fromNative({ ...tensor, dimNames: namesOf(tensor.name) })
  return {
    inputs: built.inputs?.map(fromBuild) ?? inputs.map(fromModel),
    outputs: built.outputs?.map(fromBuild) ?? outputs.map(fromModel),
  }
}

function fromNative({ name, type, dims, dimNames, isShape }: BuiltTensor & { dimNames: readonly (string | null)[] | null }): HeaderIo {
  return {
    name,
    type: typeFromNumber(type) ?? 'string',
    shape: dims,
    dimNames: dims === null ? [] : dims.map((_, i) => dimNames?.[i] ?? ''),
    ...(isShape && { isShape }),
  }
}

/** As TensorRT reads it: it has no float64, and no quantized uint8. */
function fromModel({ name, type, dims, dimNames }: ValueSummary): HeaderIo {
  const known: DataType = type !== null && isTensorType(type) ? type : 'string'
  return { name, type: known === 'float64' ? 'float32' : known, shape: dims, dimNames }
}
