import { TrtError } from '../../core/errors.js'
import { parseTextFormat, type TextMessage, type TextValue } from './text-format.js'

/** What a `config.pbtxt` of Triton says that is followed here. */
export interface ModelConfig {
  /** Rows of a batch; 0: the model does not batch. Undefined: not said. */
  readonly maxBatch: number | undefined
  /** Executions at once, over all instance groups. */
  readonly lanes: number | undefined
  /** Undefined: requests are not batched. */
  readonly batching: { readonly maxQueueDelay: number | undefined; readonly maxQueue: number | undefined } | undefined
  /** Names of files with a label a line, by output. */
  readonly labelFiles: Readonly<Record<string, string>>
  /** Fields that are not followed; whoever loads the model says so. */
  readonly ignored: readonly string[]
}

/** Read, or of no meaning here since the model file or the warm-up says it. */
const followed = new Set([
  'name',
  'platform',
  'backend',
  'default_model_filename',
  'max_batch_size',
  'input',
  'output',
  'instance_group',
  'dynamic_batching',
  'model_warmup',
])
const followedInBatching = new Set(['max_queue_delay_microseconds', 'default_queue_policy', 'preferred_batch_size'])

/**
 * @throws {TrtError} `TRT_ERR_FILE`: no text format, or a field of another kind than Triton's.
 * @see https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
 */
export function parseModelConfig(text: string): ModelConfig {
  const config = parseTextFormat(text)
  const batching = messages(config, 'dynamic_batching')[0]
  const policy = batching === undefined ? undefined : messages(batching, 'default_queue_policy')[0]
  const delay = batching === undefined ? undefined : count(batching, 'max_queue_delay_microseconds')
  return {
    maxBatch: count(config, 'max_batch_size'),
    lanes: lanesOf(messages(config, 'instance_group')),
    batching:
      batching === undefined
        ? undefined
        : {
            maxQueueDelay: delay === undefined ? undefined : delay / 1000,
            maxQueue: policy === undefined ? undefined : count(policy, 'max_queue_size') || undefined,
          },
    labelFiles: Object.fromEntries(messages(config, 'output').flatMap(labelFile)),
    ignored: [
      ...[...config.keys()].filter((field) => !followed.has(field)),
      ...[...(batching?.keys() ?? [])].filter((field) => !followedInBatching.has(field)).map((field) => `dynamic_batching.${field}`),
    ],
  }
}

function lanesOf(groups: readonly TextMessage[]): number | undefined {
  return groups.length === 0 ? undefined : groups.reduce((sum, group) => sum + (count(group, 'count') ?? 1), 0)
}

function labelFile(output: TextMessage): [string, string][] {
  const name = single(output, 'name')
  const file = single(output, 'label_filename')
  return typeof name === 'string' && typeof file === 'string' ? [[name, file]] : []
}

function single(message: TextMessage, field: string): TextValue | undefined {
  return message.get(field)?.at(-1)
}

function messages(message: TextMessage, field: string): readonly TextMessage[] {
  return (message.get(field) ?? []).map((value) => {
    if (typeof value !== 'object') throw wrong(field, 'a message in braces', value)
    return value
  })
}

function count(message: TextMessage, field: string): number | undefined {
  const value = single(message, field)
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number | undefined
  throw wrong(field, 'a whole number of at least 0', value)
}

function wrong(field: string, expected: string, value: TextValue): TrtError {
  const got = typeof value === 'object' ? 'a message' : JSON.stringify(value)
  return new TrtError('TRT_ERR_FILE', `Expected ${expected} for ${field} of the model configuration but received ${got}.`, {
    field,
    expected,
  })
}
