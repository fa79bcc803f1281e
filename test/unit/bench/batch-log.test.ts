import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { BatchLog } from '../../../lib/bench/measure/batch-log.js'
import { type BatchEvent, channels, type RequestEvent } from '../../../lib/core/channels.js'

const test = suite('batch log')
const runner = {}

function batch(id: number, rows: number, started: number, ended: number): BatchEvent {
  return { runner, id, lane: id % 2, bucket: 'x[1]', rows, requests: [], reason: id === 0 ? 'idle' : 'full', predicted: 4, started, ended }
}

function request(id: number, outcome: 'answered' | 'TRT_ERR_DEADLINE', queue: number): RequestEvent {
  const known = { runner, id, rows: 1, priority: 0, deadline: Infinity, started: 1000 }
  return { ...known, outcome, ended: 1010, times: { queue, compute: 4, total: queue + 4 } }
}

test('batches of the runner are counted, by rows and by reason, in the measured time', () => {
  const log = new BatchLog(new Set([runner])).open()
  // The step began at 1000 on the clock; its first 10 ms are warm-up.
  channels.batchEnd.publish(batch(9, 1, 1000, 1005))
  channels.batchEnd.publish(batch(0, 2, 1008, 1012))
  channels.batchEnd.publish(batch(1, 4, 1010, 1015))
  channels.batchEnd.publish({ ...batch(2, 16, 1010, 1015), runner: {} })
  channels.batchEnd.publish(batch(3, 6, 1015, 1020))
  log.close()
  channels.batchEnd.publish(batch(4, 8, 1015, 1020))
  const report = log.batches(1000, 10, 30)!
  assert.equal([report.count, report.meanRows], [3, 4])
  assert.equal(
    [report.rows, report.reasons],
    [
      { '2': 1, '4': 1, '6': 1 },
      { idle: 1, full: 2 },
    ],
  )
  // Two lanes for 20 ms: busy for 2 (of its 4, the rest came before), 5 and 5.
  assert.is(report.utilisation, 12 / 40)
  // Predicted 4 ms; took 4, 5 and 5.
  assert.ok(Math.abs(report.costError!.mean - 0.4 / 3) < 1e-12)
  assert.is(report.timeline[0]!.meanRows, 2)
})

test('stages: of the answered requests, each with as many values as told', () => {
  const log = new BatchLog(new Set([runner])).open()
  for (const queue of [1, 2, 6]) channels.requestEnd.publish(request(queue, 'answered', queue))
  channels.requestEnd.publish(request(9, 'TRT_ERR_DEADLINE', 90))
  log.close()
  const stages = log.stages(1000, 0, 100)!
  assert.equal(Object.keys(stages), ['queue', 'compute', 'total'])
  assert.equal([stages['queue']!.mean, stages['queue']!.max, stages['compute']!.p99, stages['total']!.count], [3, 6, 4, 3])
})

test('a runner that tells nothing has neither', () => {
  const log = new BatchLog(new Set([runner])).open()
  log.close()
  assert.equal([log.batches(0, 0, 1), log.stages(0, 0, 1)], [null, null])
})

test.run()
