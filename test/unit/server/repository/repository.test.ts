import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import * as assert from 'uvu/assert'
import { TrtError } from '../../../../lib/core/errors.js'
import { inferenceProtocol, ModelRepository, type OpenedModel, type RepositoryOptions } from '../../../../lib/server/index.js'
import type { FoundModel } from '../../../../lib/server/repository/scan.js'
import { rejection } from '../../../support/failure.js'
import { Doubling } from '../../../support/server/doubling.js'
import { suite } from '../../../support/suite.js'

/** Models of a folder that come and go; opening one is a few lines here. */
const test = suite<{ folder: string; opened: Fake[] }>('repository', { folder: '', opened: [] })

interface Fake extends OpenedModel {
  readonly found: FoundModel
  closed: boolean
}

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'models-'))
  context.opened = []
})
test.after.each(({ folder }) => rm(folder, { recursive: true }))

function opener(opened: Fake[]): NonNullable<RepositoryOptions['open']> {
  return async (found) => {
    if (found.name.startsWith('bad')) throw new TrtError('TRT_ERR_MODEL', 'It is no model.')
    const fake: Fake = {
      found,
      model: { runner: new Doubling(), version: found.version },
      closed: false,
      close: async () => void (fake.closed = true),
    }
    opened.push(fake)
    return fake
  }
}

async function file(folder: string, ...path: string[]): Promise<void> {
  await mkdir(join(folder, ...path.slice(0, -1)), { recursive: true })
  await writeFile(join(folder, ...path), path.join('/'))
}

test('files side by side and folders with versions are found, the highest version alone', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  await file(folder, 'b', '2', 'model.onnx')
  await file(folder, 'b', '10', 'model.plan')
  await file(folder, 'notes.txt')
  await file(folder, '.hidden.onnx')
  const repository = await ModelRepository.open(folder, { open: opener(opened) })
  assert.equal(repository.index(), [
    { name: 'a', version: '1', state: 'READY' },
    { name: 'b', version: '10', state: 'READY' },
  ])
  assert.match(opened.find(({ found }) => found.name === 'b')!.found.file, /10\/model\.plan$/)
})

test('a link to a folder is that folder', async ({ folder, opened }) => {
  await file(folder, 'real', 'm', '1', 'model.onnx')
  await mkdir(join(folder, 'models'))
  await symlink(join(folder, 'real', 'm'), join(folder, 'models', 'linked'))
  const repository = await ModelRepository.open(join(folder, 'models'), { open: opener(opened) })
  assert.is(repository.index()[0]!.name, 'linked')
})

test('what cannot be loaded is listed with the reason, and the others serve', async ({ folder, opened }) => {
  await file(folder, 'bad.onnx')
  await file(folder, 'empty', '1', 'readme.md')
  await file(folder, 'good.onnx')
  await file(folder, 'unversioned', 'model.onnx')
  const repository = await ModelRepository.open(folder, { open: opener(opened) })
  const states = repository.index().map(({ name, state, reason }) => [name, state, reason !== undefined])
  assert.equal(states.sort(), [
    ['bad', 'UNAVAILABLE', true],
    ['empty', 'UNAVAILABLE', true],
    ['good', 'READY', false],
    ['unversioned', 'UNAVAILABLE', true],
  ])
  assert.equal([...repository.waiting()].sort(), ['bad', 'empty', 'unversioned'])
})

test('no such folder is an error', async ({ folder }) => {
  assert.is((await rejection(ModelRepository.open(join(folder, 'none')))).code, 'TRT_ERR_FILE')
})

test('in explicit mode only what was named is loaded, and nothing else is waited for', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  await file(folder, 'b.onnx')
  const repository = await ModelRepository.open(folder, { mode: 'explicit', load: ['b'], open: opener(opened) })
  assert.equal(
    opened.map(({ found }) => found.name),
    ['b'],
  )
  assert.equal(repository.waiting(), [])
  await repository.load('a')
  assert.is(opened.length, 2)
})

test('loading again does nothing while the file is the same', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  const repository = await ModelRepository.open(folder, { open: opener(opened) })
  await repository.load('a')
  assert.is(opened.length, 1)
})

test('a model that is replaced is closed when its last request has ended', async ({ folder, opened }) => {
  await file(folder, 'a', '1', 'model.onnx')
  const repository = await ModelRepository.open(folder, { open: opener(opened) })
  const before = repository.find('a')!
  let end: () => void = () => {}
  const request = before.use(() => new Promise<void>((resolve) => (end = resolve)))
  await file(folder, 'a', '2', 'model.onnx')
  const loading = repository.load('a')
  while (repository.find('a') === before) await new Promise(setImmediate)
  assert.is(opened[0]!.closed, false)
  end()
  await Promise.all([request, loading])
  assert.is(opened[0]!.closed, true)
  assert.is(repository.find('a')!.model.version, '2')
})

test('a reload that fails leaves the model before serving, and says why', async ({ folder, opened }) => {
  await file(folder, 'a', '1', 'model.onnx')
  let fail = false
  const open = opener(opened)
  const repository = await ModelRepository.open(folder, {
    open: (found, options) => (fail ? Promise.reject(new TrtError('TRT_ERR_OUT_OF_MEMORY', 'No room.')) : open(found, options)),
  })
  const before = repository.find('a')
  fail = true
  await file(folder, 'a', '2', 'model.onnx')
  assert.is((await rejection(repository.load('a'))).code, 'TRT_ERR_OUT_OF_MEMORY')
  assert.is(repository.find('a'), before)
  assert.is(repository.index()[0]!.state, 'READY')
  assert.match(repository.index()[0]!.reason!, /No room/)
})

test('an unloaded model is gone and closed; one that never was is not found', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  const repository = await ModelRepository.open(folder, { open: opener(opened) })
  await repository.unload('a')
  assert.is(repository.find('a'), undefined)
  assert.is(opened[0]!.closed, true)
  assert.equal(repository.waiting(), [])
  assert.is(((await rejection(repository.unload('zzz'))) as { status?: number }).status, 404)
})

test('loads and unloads of one model follow each other', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  const repository = await ModelRepository.open(folder, { mode: 'explicit', open: opener(opened) })
  await Promise.all([repository.load('a'), repository.unload('a'), repository.load('a'), repository.load('a')])
  assert.is(repository.index()[0]!.state, 'READY')
  assert.is(opened.filter(({ closed }) => !closed).length, 1)
})

test('clients see the index, and load and unload where they may', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  const models = await ModelRepository.open(folder, { mode: 'explicit', open: opener(opened) })
  const open = Fastify()
  await open.register(inferenceProtocol, { models, management: true })
  const post = (app: typeof open, url: string, payload?: object) => app.inject({ method: 'POST', url, ...(payload && { payload }) })
  assert.equal((await post(open, '/v2/repository/index')).json(), [{ name: 'a', state: 'UNAVAILABLE' }])
  assert.is((await post(open, '/v2/repository/models/a/load')).statusCode, 200)
  assert.equal((await post(open, '/v2/repository/index', { ready: true })).json(), [{ name: 'a', version: '1', state: 'READY' }])
  assert.is((await post(open, '/v2/repository/models/a/load', { parameters: { config: '{}' } })).statusCode, 400)
  assert.is((await post(open, '/v2/repository/models/zzz/load')).statusCode, 404)
  assert.is((await post(open, '/v2/repository/models/a/unload', { parameters: { unload_dependents: true } })).statusCode, 200)
  const closed = Fastify()
  await closed.register(inferenceProtocol, { models })
  assert.is((await post(closed, '/v2/repository/models/a/load')).statusCode, 403)
})

test('closing unloads all', async ({ folder, opened }) => {
  await file(folder, 'a.onnx')
  await file(folder, 'b.onnx')
  const repository = await ModelRepository.open(folder, { open: opener(opened) })
  await repository.close()
  assert.ok(opened.every(({ closed }) => closed))
  assert.equal(repository.all(), [])
})

test.run()
