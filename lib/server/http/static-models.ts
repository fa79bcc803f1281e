import type { Clock } from '../../core/clock.js'
import { Inference, type Models } from '../infer.js'
import { ServedModel } from '../model.js'
import type { ModelsByName } from './options.js'

/** Models that are there from the start to the end. @throws {TrtError} as `ServedModel` */
export function staticModels(given: ModelsByName, clock: Clock): Models {
  const models = new Map(Object.entries(given).map(([name, each]) => [name, new Inference(new ServedModel(name, each), clock)]))
  return { find: (name) => models.get(name), all: () => [...models.values()], waiting: () => [] }
}
