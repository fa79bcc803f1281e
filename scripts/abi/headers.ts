import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Version } from './version.js'

/** One directory with NVIDIA's headers of one release. */
export interface HeaderSet {
  readonly folder: string
  readonly version: Version
  /** Before 10.14 the parser's header was not among them. */
  readonly hasParser: boolean
}

/** The header sets in a folder and up to two levels below it. */
export function findHeaderSets(folder: string, depth = 2): HeaderSet[] {
  if (existsSync(join(folder, 'NvInfer.h'))) return [readHeaderSet(folder)]
  if (depth === 0 || !existsSync(folder) || !statSync(folder).isDirectory()) return []
  return readdirSync(folder)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((name) => findHeaderSets(join(folder, name), depth - 1))
}

function readHeaderSet(folder: string): HeaderSet {
  const path = join(folder, 'NvInferVersion.h')
  if (!existsSync(path)) throw new Error(`Expected NvInferVersion.h beside NvInfer.h in ${folder}`)
  return { folder, version: readVersion(readFileSync(path, 'utf8'), folder), hasParser: existsSync(join(folder, 'NvOnnxParser.h')) }
}

function readVersion(text: string, folder: string): Version {
  const defines = new Map([...text.matchAll(/^#define (\w+) +(\w+)/gm)].map(([, name = '', value = '']) => [name, value]))
  const number = (name: string): number | undefined => {
    const value = defines.get(name)
    if (value === undefined) return undefined
    return /^\d+$/.test(value) ? Number(value) : number(value)
  }
  const rtx = number('TRT_MAJOR_RTX')
  const major = rtx ?? number('TRT_MAJOR_ENTERPRISE') ?? number('NV_TENSORRT_MAJOR')
  const kind = rtx === undefined ? (defines.has('TRT_MAJOR_ENTERPRISE') ? 'ENTERPRISE' : undefined) : 'RTX'
  const part = (name: string): number => number(kind === undefined ? `NV_TENSORRT_${name}` : `TRT_${name}_${kind}`) ?? 0
  const family = rtx === 1 ? 'rtx' : rtx === undefined && major === 10 ? '10' : rtx === undefined && major === 11 ? '11' : undefined
  if (family === undefined)
    throw new Error(`Expected headers of TensorRT 10 or 11 or of TensorRT-RTX 1 in ${folder}, found ${kind ?? ''} ${major ?? 'none'}`)
  return { family, minor: part('MINOR'), patch: part('PATCH') }
}
