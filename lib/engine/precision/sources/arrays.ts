import path from 'node:path'
import { TrtError } from '../../../core/errors.js'
import { integer, rejectUnknown, text } from '../../../core/options.js'
import { type NpyArray, readNpy } from '../../../core/npy.js'
import { readNpz } from '../../../core/npz.js'
import { formatShape } from '../../../core/shapes.js'
import { Tensor } from '../../../core/tensor.js'
import type { GivenSample } from '../../../onnx/calibration/sample.js'
import { readWhole } from '../../files.js'
import { listFiles } from './list-files.js'

const endings = ['.npy', '.npz']

export interface ArrayOptions {
  /** What a `.npy` file is for. Default: the model's only input. An `.npz` archive names its inputs itself. */
  readonly input?: string
  /**
   * Rows of a sample, from 1: each array is cut along its first axis into samples of so many; a rest is left out. Default: an array is
   * one sample.
   */
  readonly rows?: number
}

/**
 * Samples from what `numpy.save` and `numpy.savez` wrote: a file, the files of a folder in the order of their names, or those given. One
 * is read at a time.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_FILE`, here and while it is walked through; then also `TRT_ERR_TYPE` and
 *   `TRT_ERR_SHAPE`: arrays of one file that differ in their rows, or have fewer than a sample.
 */
export async function arrays(from: string | URL | readonly string[], options: ArrayOptions = {}): Promise<AsyncIterable<GivenSample>> {
  rejectUnknown(options, ['input', 'rows'], 'arrays')
  const input = options.input === undefined ? null : text('input', options.input)
  const rows = options.rows === undefined ? null : integer('rows', options.rows, 1, 2 ** 31 - 1)
  const files = await listFiles(from, endings, { what: 'array' })
  const samples = {
    async *[Symbol.asyncIterator](): AsyncGenerator<GivenSample> {
      for (const file of files) {
        const members = await readFile(file, input)
        const pieces = rows === null ? 1 : piecesOf(members, rows, file)
        for (let piece = 0; piece < pieces; piece++) yield sampleOf(members, rows, piece)
      }
    },
  }
  // Cut into rows, only the files themselves tell how many there are.
  return rows === null ? Object.assign(samples, { size: files.length }) : samples
}

/** By input; '' stands for the only one. */
type Members = ReadonlyMap<string, NpyArray>

async function readFile(file: string, input: string | null): Promise<Members> {
  const ending = path.extname(file).toLowerCase()
  if (!endings.includes(ending)) {
    throw new TrtError('TRT_ERR_FILE', `"${file}" is neither .npy nor .npz: calibration data is one of these, or pictures.`, { path: file })
  }
  const { bytes } = await readWhole(file)
  if (ending === '.npy') return new Map([[input ?? '', readNpy(bytes, file)]])
  const members = readNpz(bytes, { name: file })
  if (members.size === 0) throw new TrtError('TRT_ERR_FILE', `"${file}" has no arrays.`, { path: file })
  return members
}

function piecesOf(members: Members, rows: number, file: string): number {
  const lengths = [...members].map(([name, { shape }]) => ({ name, shape, length: shape[0] ?? 0 }))
  const first = lengths[0]!
  for (const { name, shape, length } of lengths) {
    if (length === first.length && length >= rows) continue
    const message = `"${name}" in "${file}" has shape ${formatShape(shape)}, which cannot be cut into samples of ${rows} rows together with "${first.name}" of ${formatShape(first.shape)}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { path: file, name, rows })
  }
  return Math.floor(first.length / rows)
}

function sampleOf(members: Members, rows: number | null, piece: number): GivenSample {
  const tensors = Object.fromEntries([...members].map(([name, array]) => [name, cut(array, rows, piece)]))
  return tensors[''] ?? tensors
}

/** A copy: a sample may outlive the file's others. */
function cut({ type, shape, data }: NpyArray, rows: number | null, piece: number): Tensor {
  if (rows === null) return new Tensor(type, shape, data)
  const row = data.length / shape[0]!
  return new Tensor(type, [rows, ...shape.slice(1)], data.slice(piece * rows * row, (piece + 1) * rows * row))
}
