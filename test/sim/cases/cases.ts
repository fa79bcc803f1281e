import type { DeviceBackend } from '../../support/device.js'

/** Title and body of tests that every flavour of the simulator runs; see running-*.test.ts. */
export type Cases = readonly (readonly [title: string, body: (backend: DeviceBackend) => Promise<void>])[]
