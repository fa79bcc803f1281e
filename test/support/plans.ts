/** The header of a TensorRT-RTX plan as its builder writes it, and zeros up to `bytes`. */
export function rtxPlan({ bytes = 100, version = [1, 7, 1, 116], mask = 0x7e, weights = 4096 } = {}): Buffer {
  const plan = Buffer.alloc(bytes)
  plan.write('vtrt', 0)
  plan.writeUInt32LE(2, 8)
  plan.writeBigUInt64LE(BigInt(bytes), 16)
  plan.set(version, 24)
  plan.write('vtrt', 28)
  plan.writeUInt32LE(mask, 32)
  plan.writeBigUInt64LE(BigInt(weights), 56)
  return plan
}

/** The header of a TensorRT plan. */
export function trtPlan(version: readonly number[], bytes = 100): Buffer {
  const plan = Buffer.alloc(bytes)
  plan.write('ftrt', 0)
  plan.set(version, 24)
  return plan
}
