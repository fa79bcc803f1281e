import { WindowedRecorder } from '../../lib/core/windows.js'
import { systemClock } from '../../lib/core/clock.js'
import type { HotSuite } from '../support/hot.js'

/** Question: do six records a run stay small beside a run (microseconds), and one `stats()` call beside a scrape? */
export const statistics: HotSuite = {
  name: 'statistics',
  cases: [
    {
      name: 'record one latency',
      prepare: () => {
        const recorder = new WindowedRecorder(systemClock)
        let us = 0
        const now = systemClock.now()
        return () => recorder.record((us = (us + 997) % 1_000_000) / 1000, now)
      },
    },
    {
      name: 'summary of 100,000 latencies',
      prepare: () => {
        const recorder = new WindowedRecorder(systemClock)
        for (let i = 0; i < 100_000; i++) recorder.record((1_000 + i * 10) / 1e6)
        if (recorder.summary().count !== 100_000) throw new Error('this measures an empty recorder')
        return () => recorder.summary()
      },
    },
  ],
}
