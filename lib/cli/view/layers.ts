import { formatBytes, formatNumber } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'
import type { EngineMemory } from '../../engine/controls/memory.js'
import type { EngineLayer, LayerProfile } from '../../engine/controls/layers.js'
import type { LayerInspection } from '../inspect/inspect-layers.js'

export function renderLayerInspection({ layers, memory, times }: LayerInspection): string {
  return [renderMemory(memory), renderLayers(layers), ...times.map(renderTimes)].join('\n')
}

export function renderLayers(layers: readonly EngineLayer[]): string {
  if (layers.length === 0) return "No layers: the engine was built with profilingVerbosity 'none'.\n"
  const rows = layers.map(({ name, type }, i) => [String(i), name, type ?? ''])
  const hint = layers.every(({ type }) => type === null) ? 'More with --profilingVerbosity=detailed when it is built.\n' : ''
  return renderTable([['layer', 'name', 'type'], ...rows], { left: [1, 2] }) + hint
}

/** As trtexec's --dumpProfile. */
export function renderLayerProfile({ layers, totalMs }: LayerProfile): string {
  const rows = layers.map(({ name, meanMs, medianMs }) => [
    name,
    formatNumber(meanMs),
    formatNumber(medianMs),
    `${(totalMs === 0 ? 0 : (100 * meanMs) / totalMs).toFixed(1)} %`,
  ])
  return renderTable([['layer', 'mean ms', 'median ms', 'time'], ...rows, ['total', formatNumber(totalMs), '', '100.0 %']], { left: [0] })
}

function renderTimes(times: LayerInspection['times'][number]): string {
  if ('reason' in times) return `Profile ${times.profile}: no times. ${times.reason}\n`
  return `Profile ${times.profile}, ${times.runs} runs on zeros:\n${renderLayerProfile(times)}`
}

function renderMemory({ contextBytes, profileBytes, streamableWeightsBytes, freeBytes, totalBytes }: EngineMemory): string {
  const rows = [
    ['device memory of a lane', formatBytes(contextBytes)],
    ...profileBytes.map((bytes, i) => [`with profile ${i} alone`, formatBytes(bytes)]),
    ...(streamableWeightsBytes === 0 ? [] : [['weights that can stream', formatBytes(streamableWeightsBytes)]]),
    ['free on the device', `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)}`],
  ]
  return renderTable(rows, { left: [0, 1] })
}
