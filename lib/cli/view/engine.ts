import { formatSpec } from '../../core/shapes.js'
import type { Engine } from '../../engine/engine.js'
import { renderTable } from '../../core/text-table.js'

/** JSON-safe: what `build`, `run` and `bench` tell of their engine. */
export function engineFacts({ backend, metadata, inputs, outputs }: Engine) {
  const { precision, source, payload, cache } = metadata
  return { backend, precision, source, payload, cache, inputs, outputs }
}

/** Backend and why, then inputs and outputs. */
export function renderEngine(engine: Engine): string {
  const { name, version, reason, refused, buildOnly } = engine.backend
  const not = refused.map((each) => `  not ${each.name}: ${each.reason}\n`).join('')
  const untried = buildOnly === null ? '' : `Built, not run: nothing here can try it. ${buildOnly.reason}\n`
  const rows = (direction: string, infos: Engine['inputs']) => infos.map((info) => [direction, info.name, info.type, formatSpec(info)])
  const table = renderTable([['', 'name', 'type', 'shape'], ...rows('input', engine.inputs), ...rows('output', engine.outputs)], {
    left: [0, 1, 2, 3],
  })
  return `Backend ${name}${version === null ? '' : ` ${version}`}: ${reason}.\n${not}${untried}${table}`
}
