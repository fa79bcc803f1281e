import { TrtError } from '../core/errors.js'

const damaged = 'The file is cut short or damaged: fetch or export it again, and compare its size and checksum with the source.'

/** A model that breaks protobuf's or ONNX's rules. `offset` counts from the first byte of the model. */
export function malformed(offset: number, expected: string, received: string, remedy = damaged): TrtError {
  return new TrtError('TRT_ERR_MODEL', `At byte ${offset} of the model: expected ${expected}, received ${received}. ${remedy}`, {
    offset,
    expected,
    received,
  })
}
