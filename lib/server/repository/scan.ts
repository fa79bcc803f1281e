import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TrtError } from '../../core/errors.js'

/** A model that lies in a repository, not opened yet. */
export interface FoundModel {
  readonly name: string
  readonly version: string
  /** Of the model itself. */
  readonly file: string
  /** Its folder; null: a file of its own, without configuration. */
  readonly folder: string | null
  /** Changes when the file, or its configuration, does. */
  readonly stamp: string
}

/** A folder that looks like a model and is none. */
export interface Misplaced {
  readonly name: string
  readonly reason: string
}

const endings = ['.engine', '.trtnode', '.plan', '.onnx'] as const
export const configName = 'config.pbtxt'

/**
 * The models of a folder: `NAME.onnx` (or .engine, .plan) beside each other, or Triton's layout, `NAME/VERSION/model.onnx` with
 * an optional `NAME/config.pbtxt`. Of several versions the highest number counts. Names that begin with a dot are passed over.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: no such folder, or one that cannot be read.
 */
export async function scanModels(directory: string): Promise<{ models: readonly FoundModel[]; misplaced: readonly Misplaced[] }> {
  const models: FoundModel[] = []
  const misplaced: Misplaced[] = []
  for (const entry of await list(directory)) {
    const found = await look(directory, entry)
    if (found === null) continue
    if ('reason' in found) misplaced.push(found)
    else if (models.some(({ name }) => name === found.name))
      misplaced.push({ name: found.name, reason: 'there is another model of this name beside it' })
    else models.push(found)
  }
  return { models, misplaced }
}

async function look(directory: string, { name, isFolder }: Entry): Promise<FoundModel | Misplaced | null> {
  const path = join(directory, name)
  if (isFolder) return lookInside(path, name)
  const ending = endings.find((each) => name.endsWith(each) && name.length > each.length)
  if (ending === undefined) return null
  return { name: name.slice(0, -ending.length), version: '1', file: path, folder: null, stamp: await stampOf([path]) }
}

async function lookInside(folder: string, name: string): Promise<FoundModel | Misplaced> {
  const versions = (await list(folder))
    .filter((entry) => entry.isFolder && /^[1-9]\d{0,14}$/.test(entry.name))
    .map((entry) => Number(entry.name))
  if (versions.length === 0) return { name, reason: `expected a folder for each version (${name}/1/model.onnx), found none` }
  const version = String(Math.max(...versions))
  const inside = (await list(join(folder, version))).map((entry) => entry.name)
  const file = endings.map((ending) => `model${ending}`).find((each) => inside.includes(each))
  if (file === undefined)
    return {
      name,
      reason: `expected model.onnx, model.plan or model.engine in ${name}/${version}, found ${inside.join(', ') || 'nothing'}`,
    }
  const path = join(folder, version, file)
  return { name, version, file: path, folder, stamp: await stampOf([path, join(folder, configName)]) }
}

interface Entry {
  readonly name: string
  readonly isFolder: boolean
}

/** In the order of their names; links are what they point to. */
async function list(directory: string): Promise<readonly Entry[]> {
  const entries = await read(directory)
  const seen = entries
    .filter(({ name }) => !name.startsWith('.'))
    .map(async (entry) => ({ name: entry.name, isFolder: await isFolder(directory, entry) }))
  return (await Promise.all(seen)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function read(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new TrtError(
      'TRT_ERR_FILE',
      `Expected a folder of models at ${directory}; it cannot be read (${code}).`,
      { directory, cause: code },
      { cause },
    )
  }
}

async function isFolder(directory: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return (await stat(join(directory, entry.name)).catch(() => null))?.isDirectory() === true
}

async function stampOf(files: readonly string[]): Promise<string> {
  const facts = files.map(async (file) => {
    const found = await stat(file).catch(() => null)
    return found === null ? `${file} -` : `${file} ${found.size} ${found.mtimeMs} ${found.ino}`
  })
  return (await Promise.all(facts)).join('\n')
}
