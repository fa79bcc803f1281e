import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { cudaVersion, families, inferVersion, libraries } from '../../../lib/doctor/libraries.js'

const test = suite('doctor libraries')

test('versions are decoded as NVIDIA codes them', () => {
  assert.equal([13000, 12080, 0, null].map(cudaVersion), ['13.0', '12.8', null, null])
  assert.equal([101501, 110400, 10701, 8601, 0].map(inferVersion), ['10.15.1', '11.4.0', '1.7.1', '8.6.1', null])
})

test('every library belongs to a section, and the sections stand in the order of need', () => {
  assert.equal([...new Set(libraries.map(({ wanted }) => wanted.family))], [...families])
})

test.run()
