import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { createServer, type InferenceServer } from '../../server/index.js'
import { type CommonFlags, type Context, note, printJson } from '../context.js'
import { defined } from '../flags/model.js'
import { integerFlag } from '../flags/numbers.js'
import { addCommonFlags } from './common.js'

interface ServeFlags extends CommonFlags {
  host?: string
  port?: number
  backend?: string
  onnxruntime?: string
  lanes?: number
  slo?: number
  maxBatch?: number
  management?: boolean
  loadModel?: readonly string[]
  drain?: number
}

const help = `
The folder holds models side by side (ocr.onnx, ocr.engine), or as Triton has them (ocr/1/model.onnx, and ocr/config.pbtxt where
there is one). Each is loaded and warmed up before the server is ready. Ctrl-C or SIGTERM: no longer ready, requests in
flight end, then it stops.

Example:
  $ tensorrt-node serve models/ --port=8000 --slo=30
  $ curl localhost:8000/v2/models/ocr`

export function addServe(program: Command, context: Context): void {
  addCommonFlags(program.command('serve').description('serve the models of a folder by the Open Inference Protocol'))
    .argument('<folder>', 'with the models')
    .option('--host <address>', 'to listen on; 0.0.0.0 for all (default: 127.0.0.1, this machine alone)')
    .option('--port <number>', 'to listen on; 0: any (default: 8000)', integerFlag('--port', 0, 65_535))
    .option('--backend <name>', 'auto, cpu, tensorrt or tensorrt-rtx, for ONNX files (default: auto)')
    .option('--onnxruntime <path>', "ONNX Runtime's shared library, or its folder")
    .option('--lanes <n>', 'runs at once of each model (default: 1)', integerFlag('--lanes', 1, 1024))
    .option('--slo <ms>', 'within which each request is to be answered', integerFlag('--slo', 1, 3_600_000))
    .option('--maxBatch <n>', 'rows of a batch, where the model does not say it (default: 16)', integerFlag('--maxBatch', 1, 65_536))
    .option('--management', 'let clients load and unload models')
    .addOption(new Option('--loadModel <name...>', 'load these alone; others when a client asks (needs --management)'))
    .option('--drain <ms>', 'that requests in flight have to end (default: 30000)', integerFlag('--drain', 0, 3_600_000))
    .addHelpText('after', help)
    .action((folder: string, flags: ServeFlags) => serve(folder, flags, context))
}

async function serve(folder: string, flags: ServeFlags, context: Context): Promise<void> {
  const { backend, onnxruntime, lanes, slo, maxBatch, loadModel, drain, host, port, management } = flags
  const mode = loadModel === undefined ? {} : { mode: 'explicit' as const, load: loadModel }
  await using server = await createServer({
    models: folder,
    repository: {
      ...defined({ backend, onnxruntime, lanes, slo, maxBatch }),
      ...mode,
      onNote: (text) => note(context, flags, `note: ${text}`),
    },
    ...defined({ host, port, management, drainMs: drain }),
  })
  announce(server, flags, context)
  if (!context.signal.aborted) await once(context.signal, 'abort')
  note(context, flags, 'Stopping: no longer ready; requests in flight end first.')
  const { abandoned } = await server.close()
  if (abandoned > 0)
    context.err(`${abandoned} ${abandoned === 1 ? 'request was' : 'requests were'} cut off: not ended within ${drain ?? 30_000} ms.\n`)
}

function announce(server: InferenceServer, flags: ServeFlags, context: Context): void {
  const models = server.repository!.index()
  if (flags.json) return printJson(context, { url: server.url, models })
  for (const { name, version, state, reason } of models) {
    context.out(
      `${name.padEnd(24)} ${version === undefined ? '' : `version ${version}, `}${state.toLowerCase()}${reason === undefined ? '' : `: ${reason}`}\n`,
    )
  }
  context.out(`Serving ${models.filter(({ state }) => state === 'READY').length} of ${models.length} models on ${server.url}\n`)
}
