/** Which release a header set is, and what "since 10.11, RTX 1.7" beside a declaration means for it. */

export type Family = '10' | '11' | 'rtx'

export interface Version {
  readonly family: Family
  readonly minor: number
  readonly patch: number
}

/** First minor by family; a family that is not named has had it from its beginning. `upper`: known only as "by". */
export interface Since {
  readonly minors: Readonly<Partial<Record<Family, number>>>
  readonly upper: boolean
}

export const always: Since = { minors: {}, upper: false }

/** Reads the first sentence of a comment: "10.11", "11.4, RTX 1.7", "by 10.14", "First in 10.13." Anything else is no version. */
export function parseSince(comment: string | undefined): Since {
  const [, by, list = ''] = /^(?:First in )?(by )?((?:(?:RTX )?\d+\.\d+(?:, |\b))+)/.exec(comment?.trim() ?? '') ?? []
  const minors: Partial<Record<Family, number>> = {}
  for (const [, rtx, major = '', minor] of list.matchAll(/(RTX )?(\d+)\.(\d+)/g)) {
    const family = rtx === undefined ? major : 'rtx'
    if (isFamily(family)) minors[family] = Number(minor)
  }
  return { minors, upper: by !== undefined }
}

function isFamily(text: string): text is Family {
  return text === '10' || text === '11' || text === 'rtx'
}

/** What the declaration claims of a version: that it is there, that it is not, or (an upper bound only) nothing. */
export function expects(since: Since, { family, minor }: Version): 'present' | 'absent' | 'unknown' {
  const first = since.minors[family] ?? 0
  if (minor >= first) return 'present'
  return since.upper ? 'unknown' : 'absent'
}

/** The TRT_SHAPE of abi.h that a version has; RTX's minors are not ABI-stable, 1.5 broke with 1.4. */
export function shapeOf({ family, minor }: Version): 10 | 11 | 110 | 111 {
  if (family === '10') return 10
  if (family === '11') return 11
  return minor < 5 ? 110 : 111
}

export function nameOf({ family, minor, patch }: Version): string {
  return family === 'rtx' ? `TensorRT-RTX 1.${minor}.${patch}` : `TensorRT ${family}.${minor}.${patch}`
}
