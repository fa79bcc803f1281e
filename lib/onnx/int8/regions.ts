import type { Unit } from './units.js'

/** Nanoseconds an element, measured on ONNX Runtime's kernels; only their order of size matters. */
const boundary = 0.19
/** What a node costs whatever its size, in the same unit times elements. */
const nodeOverhead = 1500
/** Float minus int8, without boundaries. */
const saving: Readonly<Record<string, number>> = {
  Add: 0.1,
  Mul: 0.1,
  Concat: 0.1,
  HardSwish: -0.05,
  LeakyRelu: 0,
  AveragePool: 0.1,
  GlobalAveragePool: 0.1,
}
const tiedSaving = 0.1

/**
 * Chooses which elementwise operators compute on codes, given the layers that do: every change between float and codes costs a
 * pass over the tensor. Local search from both ends, all of them and none; the cheaper result.
 *
 * @param layers Keys of layers in int8.
 * @param sizes Elements by tensor; 1 where unknown.
 * @returns Keys of units.
 */
export function chooseElementwise(units: readonly Unit[], layers: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Set<string> {
  const candidates = units.filter(({ kind }) => kind === 'arithmetic' || kind === 'hardSwish' || kind === 'tied')
  const costs = new Costs(units, layers, sizes)
  const from = (start: readonly Unit[]) => descend(candidates, new Set(start.map(({ key }) => key)), costs)
  const [all, none] = [from(candidates), from([])]
  return costs.total(all) < costs.total(none) ? all : none
}

function descend(candidates: readonly Unit[], chosen: Set<string>, costs: Costs): Set<string> {
  for (let sweep = 0; sweep < 10; sweep++) {
    let changed = false
    for (const unit of candidates) {
      const before = costs.around(unit, chosen)
      flip(chosen, unit.key)
      // On a tie a unit stays float: fewer roundings.
      const after = costs.around(unit, chosen)
      if (after < before || (after === before && !chosen.has(unit.key))) changed = true
      else flip(chosen, unit.key)
    }
    if (!changed) break
  }
  return chosen
}

function flip(chosen: Set<string>, key: string): void {
  if (!chosen.delete(key)) chosen.add(key)
}

class Costs {
  readonly #producers = new Map<string, Unit>()
  readonly #consumers = new Map<string, Unit[]>()
  readonly #layers: ReadonlySet<string>
  readonly #sizes: ReadonlyMap<string, number>

  constructor(units: readonly Unit[], layers: ReadonlySet<string>, sizes: ReadonlyMap<string, number>) {
    this.#layers = layers
    this.#sizes = sizes
    for (const unit of units) {
      for (const output of outputsOf(unit)) this.#producers.set(output, unit)
      for (const name of unit.uses) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), unit])
    }
  }

  total(chosen: ReadonlySet<string>): number {
    const tensors = new Set([...this.#producers.keys(), ...this.#consumers.keys()])
    let sum = 0
    for (const name of tensors) sum += this.#boundary(name, chosen)
    for (const unit of new Set(this.#producers.values())) sum -= this.#saved(unit, chosen)
    return sum
  }

  around(unit: Unit, chosen: ReadonlySet<string>): number {
    let sum = -this.#saved(unit, chosen)
    for (const name of new Set([...unit.uses, ...outputsOf(unit)])) sum += this.#boundary(name, chosen)
    return sum
  }

  #isCodes(unit: Unit | undefined, chosen: ReadonlySet<string>): boolean {
    return unit !== undefined && (this.#layers.has(unit.key) || chosen.has(unit.key))
  }

  #saved(unit: Unit, chosen: ReadonlySet<string>): number {
    if (!chosen.has(unit.key)) return 0
    const each = unit.kind === 'tied' ? tiedSaving : (saving[unit.node.opType] ?? 0)
    const work = unit.node.opType === 'GlobalAveragePool' ? (unit.inputs[0] as string) : unit.output
    return each * this.#size(work) - (unit.kind === 'hardSwish' ? nodeOverhead * boundary : 0)
  }

  #boundary(name: string, chosen: ReadonlySet<string>): number {
    const producer = this.#producers.get(name)
    const consumers = this.#consumers.get(name) ?? []
    const readAsCodes = consumers.some((unit) => this.#isCodes(unit, chosen) && unit.inputs.includes(name))
    const readAsFloat = consumers.length === 0 || consumers.some((unit) => !this.#isCodes(unit, chosen))
    const made = this.#isCodes(producer, chosen)
    const passes = made ? Number(readAsFloat) : Number(readAsCodes)
    return passes * boundary * (this.#size(name) + nodeOverhead)
  }

  #size(name: string): number {
    return this.#sizes.get(name) ?? 1
  }
}

function outputsOf(unit: Unit): readonly string[] {
  return unit.activation === null ? unit.node.outputs.filter((name) => name !== '') : [unit.output]
}
