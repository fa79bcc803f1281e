import path from 'node:path'
import { type Choice, chooseBackend } from '../../backend/registry.js'
import { typeFromNumber } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { load } from '../build.js'
import type { ResolvedLoadOptions } from '../build-options.js'
import { sha256 } from '../checksum.js'
import { type EngineHeader, formatVersion } from '../engine-header.js'
import type { EngineParts } from '../engine-parts.js'
import { openFile, readBytes, readWhole } from '../files.js'
import { packageId } from '../package-info.js'
import { isTensorRt } from './check-options.js'
import { findPlan, maxUltralyticsBytes, parsePlanHeader, type PlanPlace, planHeaderBytes, requireVersion, requireWhole } from './plan.js'

/** A plan that stands alone, without an engine file of ours around it. */
export interface BarePlan {
  /** Of its file; null: given as bytes. */
  readonly name: string | null
  readonly bytes: Uint8Array
  /** What Ultralytics wrote before it. */
  readonly metadata: PlanPlace['metadata']
}

/** Null: the file is no plan. Only a plan is read as a whole. */
export async function readPlan(file: string, signal: AbortSignal | undefined): Promise<BarePlan | null> {
  const place = await findPlanIn(file)
  if (place === null) return null
  const { bytes } = await readWhole(file, signal)
  return { name: path.basename(file), bytes: bytes.subarray(place.offset), metadata: place.metadata }
}

/** Reads the beginning of the file only. */
export async function findPlanIn(file: string): Promise<PlanPlace | null> {
  const { handle, size } = await openFile(file)
  try {
    return findPlan(await readBytes(handle, 0, Math.min(maxUltralyticsBytes + planHeaderBytes, size)))
  } finally {
    await handle.close()
  }
}

/** What is checked here, TensorRT itself tells badly or, without a driver, not at all. */
export async function fromPlan(plan: BarePlan, options: ResolvedLoadOptions): Promise<EngineParts> {
  const header = parsePlanHeader(plan.bytes)!
  requireWhole(header, plan.bytes.byteLength)
  const { wanted, named } = options.request
  if (named && wanted !== header.backend) {
    const message = `The plan was built for the backend '${header.backend}' and cannot run on '${wanted}'. Build an engine from its ONNX model.`
    throw new TrtError('TRT_ERR_ENGINE', message, { built: header.backend, wanted })
  }
  const choice = await chooseBackend({ ...options.request, wanted: header.backend, signal: options.signal })
  requireVersion(header, versionRules(choice, options))
  const native = await load(choice, { precision: 'as-is' }, plan.bytes, options)
  const io = native.io().map(({ direction, name, type, dims }) => ({
    direction,
    info: { name, type: typeFromNumber(type) ?? ('string' as const), shape: dims, dimNames: (dims ?? []).map(() => '') },
  }))
  const digest = await sha256(plan.bytes, options.signal)
  const built: EngineHeader = {
    format: formatVersion,
    backend: header.backend,
    backendVersion: header.version,
    precision: 'as-is',
    inputs: io.filter(({ direction }) => direction === 'input').map(({ info }) => info),
    outputs: io.filter(({ direction }) => direction === 'output').map(({ info }) => info),
    profiles: [],
    source: { name: plan.name, bytes: plan.bytes.byteLength, sha256: digest },
    payload: { bytes: plan.bytes.byteLength, sha256: digest },
    labels: {},
    options: {},
    facts: { plan: header, ...(plan.metadata === null ? {} : { ultralytics: plan.metadata }) },
    createdBy: { package: packageId, node: process.version, platform: `${process.platform}-${process.arch}` },
  }
  return { native, header: built, payload: { bytes: plan.bytes }, choice: { ...choice, reason: 'the plan was built for it' }, cache: 'off' }
}

export function versionRules(choice: Choice, { tensorrt }: ResolvedLoadOptions): { library: string | null; otherVersions: boolean } {
  const otherVersions = tensorrt['allowHostCode'] === '1' || tensorrt['leanRuntime'] !== undefined || 'tryUnknownVersion' in choice.options
  return { library: isTensorRt(choice.name) ? choice.version : null, otherVersions }
}
