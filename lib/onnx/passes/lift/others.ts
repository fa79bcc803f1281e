import { intAttribute, makeAttribute, textAttribute } from '../../graph/nodes.js'
import type { Rule, Rules } from './context.js'

const spatial: Rule = (node, scope) => {
  if (intAttribute(node, 'spatial', 1) !== 1)
    throw scope.refusal(node, 'it normalises each activation (spatial = 0), which is gone since 9')
  node.attributes.delete('spatial')
}

/** Before 14 further outputs meant training. */
const inference: Rule = (node, scope) => {
  if (node.outputs.slice(1).some((name) => scope.isUsed(name)))
    throw scope.refusal(node, 'it is in training mode: its running mean is used')
  node.outputs = node.outputs.slice(0, 1)
}

const gridModes: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' }

const gridSample: Rule = (node) => {
  const mode = textAttribute(node, 'mode', 'bilinear')
  node.attributes.set('mode', makeAttribute(gridModes[mode] ?? mode))
}

/** The default became `half_pixel`; before 16 there was no choice. */
const roiAlign: Rule = (node) => {
  node.attributes.set('coordinate_transformation_mode', makeAttribute('output_half_pixel'))
}

const scatter: Rule = (node) => {
  node.opType = 'ScatterElements'
}

const refused =
  (reason: string): Rule =>
  (node, scope) => {
    throw scope.refusal(node, reason)
  }

export const otherRules: Rules = {
  BatchNormalization: { 9: spatial, 14: inference },
  GridSample: { 20: gridSample },
  RoiAlign: { 16: roiAlign },
  Scatter: { 11: scatter },
  Scan: { 9: refused('Scan was another operator before 9, with a batch of its own') },
  GroupNormalization: { 21: refused('its scale and bias are by group before 21, by channel since') },
}
