import { UsageError } from '../usage.js'

export interface Pair {
  /** Undefined where the item has no colon. */
  name: string | undefined
  value: string
}

/**
 * Splits `name:value,name:value` as trtexec does: names or values with commas or colons stand in single or double quotes,
 * and without quotes the last colon of an item divides it (TensorFlow's names end in `:0`).
 */
export function splitPairs(flag: string, text: string): Pair[] {
  return splitOutsideQuotes(flag, text).map((item) => {
    const quoted = /^(['"])(.*?)\1:(.*)$/s.exec(item)
    if (quoted) return { name: quoted[2] as string, value: unquote(quoted[3] as string) }
    const colon = item.lastIndexOf(':')
    if (colon === 0) throw new UsageError(`Expected a name before the colon in ${flag} but received "${item}".`, { flag, item })
    return colon < 0 ? { name: undefined, value: unquote(item) } : { name: item.slice(0, colon), value: unquote(item.slice(colon + 1)) }
  })
}

/** The items between commas; a comma inside quotes does not divide. */
function splitOutsideQuotes(flag: string, text: string): string[] {
  const items = text.match(/(?:'[^']*'|"[^"]*"|[^,'"])+/g) ?? []
  // Whatever was skipped, a stray quote or an empty item, makes the parts shorter than the whole.
  if (items.length === 0 || items.join(',') !== text) {
    throw new UsageError(
      `Expected items separated by commas for ${flag} but received "${text}". Close each quote and leave no item empty.`,
      { flag, text },
    )
  }
  return items
}

function unquote(text: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(text)
  return quoted ? (quoted[2] as string) : text
}
