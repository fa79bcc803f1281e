/** Imported before anything that reads the subjects. */
import { simulatedBytesPerUs } from '../../support/device.js'
import { useSimulator } from '../../support/simulator.js'

process.env['TENSORRT_NODE_TEST_SUBJECTS'] = useSimulator('rtx11', { bytesPerUs: simulatedBytesPerUs })
