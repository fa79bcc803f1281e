import { DueQueue } from './due-queue.js'
import type { Queued } from './queued.js'

/** The requests of one priority in one bucket. */
export interface PriorityClass {
  readonly priority: number
  /** What it is served, in rows, to a class of weight 1. */
  readonly weight: number
  readonly queue: DueQueue
  /** Rows served, divided by the weight: the class that is furthest behind goes first. */
  pass: number
}

/** Fills `rows` from classes in proportion to their weights; inside a class the earliest first. */
export function pickByWeight(classes: readonly PriorityClass[], rows: number, survives: (item: Queued) => boolean): Queued[] {
  const turns = classes.filter(({ queue }) => queue.size > 0).map((each) => new Turn(each, survives))
  const picked: Queued[] = []
  let room = rows
  while (room > 0) {
    const turn = furthestBehind(turns)
    if (turn === undefined) break
    const item = turn.take(room)
    if (item === null) continue
    picked.push(item)
    room -= item.rows
  }
  return picked
}

/** One class while a batch is filled. */
class Turn {
  next: Queued | undefined
  readonly of: PriorityClass
  readonly #survives: (item: Queued) => boolean
  #at = -1

  constructor(of: PriorityClass, survives: (item: Queued) => boolean) {
    this.of = of
    this.#survives = survives
    this.#advance()
  }

  /** Null: the next one does not fit, and nobody behind it may overtake it. */
  take(room: number): Queued | null {
    const item = this.next!
    if (item.rows > room) {
      this.next = undefined
      return null
    }
    this.of.pass += item.rows / this.of.weight
    this.#advance()
    return item
  }

  #advance(): void {
    const { front } = this.of.queue
    do this.next = front[++this.#at]
    while (this.next !== undefined && !this.#survives(this.next))
  }
}

function furthestBehind(turns: readonly Turn[]): Turn | undefined {
  let best: Turn | undefined
  for (const turn of turns) {
    if (turn.next === undefined) continue
    if (best === undefined || turn.of.pass < best.of.pass || (turn.of.pass === best.of.pass && turn.next.due < best.next!.due)) best = turn
  }
  return best
}
