import { attributeRules } from './attributes.js'
import { axesRules } from './axes.js'
import type { Rules } from './context.js'
import { otherRules } from './others.js'
import { resizeRules } from './resize.js'
import { softmaxRules } from './softmax.js'

/** What changed so that a node has to change with it, from operator set 7 on. The other changes of changes.ts ask for nothing. */
export const rules: Rules = { ...attributeRules, ...axesRules, ...otherRules, ...resizeRules, ...softmaxRules }
