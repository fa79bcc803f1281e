/** From a value to a position, with the values worth a label. */
export interface Scale {
  at(value: number): number
  ticks: readonly number[]
  format(value: number): string
}

export interface Extent {
  from: number
  to: number
}

/** From 0 to a round number that is at least `max`, in about `count` steps. */
export function linearScale(max: number, range: Extent, count = 5): Scale {
  const most = max > 0 ? max : 1
  const step = roundStep(most / count)
  const steps = Math.ceil((most / step) * (1 - 1e-9))
  const top = steps * step
  return {
    at: (value) => range.from + (value / top) * (range.to - range.from),
    ticks: Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12))),
    format: short,
  }
}

/** Between round numbers around `from` and `to`; from 0 where that is near. */
export function spanScale({ from, to }: Extent, range: Extent, count = 5): Scale {
  if (from < 0.4 * to) return linearScale(to, range, count)
  const step = roundStep((to - from) / count)
  const first = Math.floor((from / step) * (1 + 1e-9))
  const steps = Math.max(1, Math.ceil((to / step) * (1 - 1e-9)) - first)
  return {
    at: (value) => range.from + ((value / step - first) / steps) * (range.to - range.from),
    ticks: Array.from({ length: steps + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12))),
    format: short,
  }
}

/** 1, 2, 2.5 or 5 at a power of ten: the least that is not below. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power
}

/** Equal distances for equal ratios; a label at 1, 2 and 5, or at powers of ten where there are many. */
export function logScale({ from, to }: Extent, range: Extent): Scale {
  const [low, high] = [floorTick(from), ceilTick(to)]
  const decades = Math.log10(high / low)
  const span = decades > 0 ? decades : 1
  return {
    at: (value) => range.from + (Math.log10(Math.max(value, low) / low) / span) * (range.to - range.from),
    ticks: logTicks(low, high, decades > 3.2 ? [1] : [1, 2, 5]),
    format: short,
  }
}

function logTicks(low: number, high: number, factors: readonly number[]): number[] {
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low) + 1e-9); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(6))
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick)
    }
  }
  return ticks
}

const floorTick = (value: number) => tickBeside(value, (tick) => tick <= value * (1 + 1e-9), -1)
const ceilTick = (value: number) => tickBeside(value, (tick) => tick >= value * (1 - 1e-9), 1)

function tickBeside(value: number, fits: (tick: number) => boolean, direction: 1 | -1): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9)
  const ticks = [1, 2, 5, 10].map((factor) => factor * power)
  const found = direction > 0 ? ticks.find(fits) : ticks.findLast(fits)
  return Number((found ?? power).toPrecision(6))
}

/** `0.25`, `40`, `1.2k`. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(size >= 1000 ? 4 : 3)))
}
