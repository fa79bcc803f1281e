/** Its place is the core, where a batcher reaches it too. */
export { type Abortable, join, leave } from '../core/abort-group.js'
