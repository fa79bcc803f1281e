/** What people hand over in place of an ONNX model, by its first bytes, and what to do about it. */
const lookalikes: readonly { readonly at: number; readonly magic: string; readonly what: string; readonly remedy: string }[] = [
  {
    at: 0,
    magic: 'version https://git-lfs',
    what: 'a Git LFS pointer, not the model itself',
    remedy: 'Run `git lfs pull` in its repository.',
  },
  { at: 0, magic: '<', what: 'an HTML or XML page', remedy: 'The download gave a web page (a login or an error): fetch the raw file.' },
  {
    at: 0,
    magic: 'PK\x03\x04',
    what: 'a ZIP archive (PyTorch .pt files are such archives too)',
    remedy: 'Unpack it, or export the model to ONNX.',
  },
  { at: 0, magic: '\x1f\x8b', what: 'gzip-compressed data', remedy: 'Decompress it first (`gunzip`).' },
  { at: 0, magic: '\x28\xb5\x2f\xfd', what: 'zstd-compressed data', remedy: 'Decompress it first (`unzstd`).' },
  {
    at: 0,
    magic: 'ftrt',
    what: 'a TensorRT plan, built already',
    remedy: 'Load it with Engine.load(), or build from the ONNX file it was made of.',
  },
  {
    at: 0,
    magic: 'vtrt',
    what: 'a TensorRT-RTX plan, built already',
    remedy: 'Load it with Engine.load(), or build from the ONNX file it was made of.',
  },
  { at: 4, magic: 'ORTM', what: 'a model in ORT format', remedy: 'Give the ONNX file it was converted from.' },
  { at: 4, magic: 'TFL3', what: 'a TensorFlow Lite model', remedy: 'Export the model to ONNX (tf2onnx).' },
  { at: 0, magic: '\x89HDF', what: 'an HDF5 file (Keras)', remedy: 'Export the model to ONNX (tf2onnx).' },
  { at: 0, magic: 'GGUF', what: 'a GGUF file (llama.cpp)', remedy: 'Export the model to ONNX.' },
  { at: 0, magic: '\x80\x02', what: 'a Python pickle (PyTorch)', remedy: 'Export the model to ONNX (torch.onnx.export).' },
  { at: 8, magic: '{"', what: 'a safetensors file: weights without a graph', remedy: 'Export the model to ONNX.' },
  { at: 0, magic: '{', what: 'JSON text', remedy: 'Give the binary ONNX file.' },
  { at: 0, magic: '\x89PNG', what: 'a PNG picture', remedy: 'Give the ONNX file.' },
  { at: 0, magic: '\x7fELF', what: 'a program or shared library', remedy: 'Give the ONNX file.' },
]

export interface Lookalike {
  readonly what: string
  readonly remedy: string
}

/** Null: nothing known. Asked only after parsing has failed: a real model may begin with any of these by chance. */
export function sniff(bytes: Uint8Array): Lookalike | null {
  if (bytes.length === 0) return { what: 'no bytes at all', remedy: 'The file is empty: fetch or export it again.' }
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1')
  return lookalikes.find(({ at, magic }) => head.startsWith(magic, at)) ?? null
}
