import { floatsAttribute, makeAttribute, textAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import type { LiftScope, Rule, Rules } from './context.js'

/**
 * Upsample, and Resize before 11, sampled at `x / scale`. Which neighbour the nearest one is, ONNX left open then; ONNX
 * Runtime takes the one below where it enlarges, the one above where it shrinks.
 */
function resize(node: OnnxNode, scales: string, nearest: 'floor' | 'ceil'): void {
  const mode = textAttribute(node, 'mode', 'nearest')
  node.opType = 'Resize'
  node.inputs = [node.inputs[0] ?? '', '', scales]
  node.attributes.set('mode', makeAttribute(mode === 'bilinear' ? 'linear' : mode))
  node.attributes.set('coordinate_transformation_mode', makeAttribute('asymmetric'))
  if (mode === 'nearest') node.attributes.set('nearest_mode', makeAttribute(nearest))
}

const upsampleScales: Rule = (node, scope) => {
  const scales = floatsAttribute(node, 'scales')
  if (scales === undefined) throw scope.refusal(node, 'it has no scales')
  node.attributes.delete('scales')
  node.inputs = [node.inputs[0] ?? '', scope.floats(scales, 'scales')]
}

const upsample: Rule = (node) => resize(node, node.inputs[1] ?? '', 'floor')

const resizeOfTen: Rule = (node, scope) => {
  const scales = node.inputs[1] ?? ''
  const nearest = textAttribute(node, 'mode', 'nearest') === 'nearest' ? direction(node, scales, scope) : 'floor'
  resize(node, scales, nearest)
}

function direction(node: OnnxNode, name: string, scope: LiftScope): 'floor' | 'ceil' {
  const weights = scope.constant(name)
  const scales = weights?.type === 'float32' && weights.external === null ? weights.floats() : undefined
  if (scales === undefined) throw scope.refusal(node, 'its scales are computed, and which neighbour is nearest depends on them')
  const shrinks = scales.some((scale) => scale < 1)
  if (shrinks && scales.some((scale) => scale > 1))
    throw scope.refusal(node, 'it shrinks one axis and enlarges another, by the nearest neighbour')
  return shrinks ? 'ceil' : 'floor'
}

/** 13 took a mode away, which another pair of modes says as well, and made empty inputs optional ones. */
const resizeOfThirteen: Rule = (node, scope) => {
  if (textAttribute(node, 'coordinate_transformation_mode', '') === 'tf_half_pixel_for_nn') {
    const isFloor = textAttribute(node, 'nearest_mode', 'round_prefer_floor') === 'floor'
    if (textAttribute(node, 'mode', 'nearest') !== 'nearest' || !isFloor) {
      throw scope.refusal(
        node,
        'its coordinate_transformation_mode "tf_half_pixel_for_nn" is gone, and stands in for another only with floor',
      )
    }
    // floor((x + 0.5) / scale) = floor(((x + 0.5) / scale - 0.5) + 0.5): half_pixel, rounded with halves upwards.
    node.attributes.set('coordinate_transformation_mode', makeAttribute('half_pixel'))
    node.attributes.set('nearest_mode', makeAttribute('round_prefer_ceil'))
  }
  const isCropped = textAttribute(node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize'
  const inputs = node.inputs.map((name, i) => ((i === 1 && !isCropped) || (i > 0 && scope.constant(name)?.size === 0) ? '' : name))
  while (inputs.at(-1) === '') inputs.pop()
  node.inputs = inputs
}

export const resizeRules: Rules = {
  Upsample: { 9: upsampleScales, 11: upsample },
  Resize: { 11: resizeOfTen, 13: resizeOfThirteen },
}
