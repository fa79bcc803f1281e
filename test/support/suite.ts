import { inspect } from 'node:util'
import { type Callback, type Context, suite as uvuSuite, type Test } from 'uvu'
import { isTrtError } from '../../lib/core/errors.js'

/**
 * uvu's `suite`. uvu takes `details` of an error for text; ours are an object, on which its report falls over and the whole
 * file ends without a word. So a TrtError that fails a test is reported as a plain error that shows them.
 */
export function suite<T = Context>(name?: string, state?: T): Test<T> {
  const test = uvuSuite<T>(name, state)
  const readable = (title: string, handler: Callback<T>) => test(title, reported(handler))
  const only = (title: string, handler: Callback<T>) => test.only(title, reported(handler))
  return Object.assign(readable, test, { only }) as Test<T>
}

function reported<T>(handler: Callback<T>): Callback<T> {
  return async (context) => {
    try {
      await handler(context)
    } catch (error) {
      if (!isTrtError(error)) throw error
      const plain = new Error(`${error.message}\n${inspect(error.details)}`, { cause: error })
      if (error.stack !== undefined) plain.stack = error.stack
      throw plain
    }
  }
}
