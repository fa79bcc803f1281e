import { mkdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { writeNpy } from '../../core/npy.js'
import { writeNpz } from '../../core/npz.js'
import type { Tensor } from '../../core/tensor.js'
import { fileError, writeAtomically } from '../../engine/files.js'
import { numbersOf } from './summarize.js'

/**
 * Writes outputs: into one archive where `target` ends in .npz, else as one .npy each into that folder.
 *
 * @returns The files, by output name.
 * @throws {TrtError} `TRT_ERR_FILE`
 */
export async function saveOutputs(outputs: Readonly<Record<string, Tensor>>, target: string): Promise<Record<string, string>> {
  const names = Object.keys(outputs)
  if (extname(target) === '.npz') {
    await writeAtomically(target, [writeNpz(new Map(Object.entries(outputs)))])
    return Object.fromEntries(names.map((name) => [name, target]))
  }
  try {
    await mkdir(target, { recursive: true })
  } catch (cause) {
    throw fileError('write', target, cause)
  }
  const files = fileNames(names).map((name) => join(target, name))
  for (const [i, name] of names.entries()) await writeAtomically(files[i] as string, [writeNpy(outputs[name] as Tensor)])
  return Object.fromEntries(names.map((name, i) => [name, files[i] as string]))
}

/** Names of tensors are free text ("/head/Add:0"): what a file system may mind becomes _, and equal names get a number. */
export function fileNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const base =
      name
        .replace(/[^\w.-]/g, '_')
        .replace(/^\.+/, '_')
        .slice(0, 200) || '_'
    let file = `${base}.npy`
    for (let n = 2; taken.has(file.toLowerCase()); n++) file = `${base}-${n}.npy`
    taken.add(file.toLowerCase())
    return file
  })
}

/** The JSON of trtexec's --exportOutput: name, dimensions as 1x3x4, values. What JSON has no number for becomes text. */
export async function exportOutputs(outputs: Readonly<Record<string, Tensor>>, file: string): Promise<void> {
  const list = Object.entries(outputs).map(([name, tensor]) => ({
    name,
    dimensions: tensor.shape.join('x'),
    values: Array.from(numbersOf(tensor), (value) => (Number.isFinite(Number(value)) ? Number(value) : String(value))),
  }))
  await writeAtomically(file, [Buffer.from(`${JSON.stringify(list)}\n`)])
}
