import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { parseHeader } from '../../../lib/engine/engine-header.js'
import { engineHeader } from '../../support/engine-bytes.js'
import { failure } from '../../support/failure.js'

const test = suite('engine-header')
const payload = Buffer.from('payload')
const encode = (value: unknown) => Buffer.from(JSON.stringify(value))
const refused = (bytes: Uint8Array, message: RegExp) => {
  const error = failure(() => parseHeader(bytes))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(error.message, message)
}

test('a sound header is read as it is, members that are unknown here included', () => {
  const header = { ...engineHeader(payload), later: true }
  assert.equal(parseHeader(encode(header)), header)
})

test('what is not JSON, not UTF-8 or not an object is refused', () => {
  refused(Buffer.from('{'), /not JSON/)
  refused(Buffer.from([0x7b, 0xff, 0x7d]), /not JSON/)
  for (const value of [null, 7, 'x', []]) refused(encode(value), /not a JSON object/)
})

test('every member is required and of its kind', () => {
  const header = engineHeader(payload)
  for (const member of Object.keys(header)) {
    refused(encode({ ...header, [member]: undefined }), new RegExp(`no sound member "${member}"`))
    refused(encode({ ...header, [member]: 1.5 }), new RegExp(`no sound member "${member}"`))
  }
})

test('numbers and digests are checked inside of members, too', () => {
  const header = engineHeader(payload)
  refused(encode({ ...header, payload: { ...header.payload, bytes: -1 } }), /"payload"/)
  refused(encode({ ...header, source: { ...header.source, sha256: 'AB' } }), /"source"/)
  refused(encode({ ...header, profiles: [{ x: { min: [1], opt: [1] } }] }), /"profiles"/)
  refused(encode({ ...header, labels: { a: 1 } }), /"labels"/)
})

test.run()
