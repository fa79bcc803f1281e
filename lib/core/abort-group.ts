/** What a signal's abort stops. */
export interface Abortable {
  abort(): void
}

/**
 * The runs that share a signal, behind one listener: a signal that lives as long as its service may have thousands in flight,
 * and Node warns from the eleventh listener on.
 */
class AbortGroup {
  readonly members = new Set<Abortable>()

  /** The signal's listener. */
  handleEvent(): void {
    for (const member of this.members) member.abort()
  }
}

const groups = new WeakMap<AbortSignal, AbortGroup>()

export function join(signal: AbortSignal, member: Abortable): void {
  let group = groups.get(signal)
  if (group === undefined) {
    group = new AbortGroup()
    groups.set(signal, group)
    signal.addEventListener('abort', group)
  }
  group.members.add(member)
}

/** Nothing of a run stays with its signal. */
export function leave(signal: AbortSignal, member: Abortable): void {
  const group = groups.get(signal)
  if (group?.members.delete(member) !== true || group.members.size > 0) return
  signal.removeEventListener('abort', group)
  groups.delete(signal)
}
