import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { checkHeaders, describeReport } from '../../../scripts/abi/check.js'
import { crateHeaders } from '../../../scripts/abi/crate.js'
import { findHeaderSets, type HeaderSet } from '../../../scripts/abi/headers.js'
import { expects, parseSince, shapeOf } from '../../../scripts/abi/version.js'
import { repository } from '../../../scripts/support/report.js'
import { suite } from '../../support/suite.js'

const test = suite('check-abi')
const folder = mkdtempSync(join(tmpdir(), 'check-abi-test-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

// Headers in NVIDIA's manner, a few lines of them: a table of three slots, a handle, a callback, an enum, a record.
const theirs = `#include <cstdint>
namespace nvinfer1 {
enum class Kind : int32_t { kONE = 1, kTWO = 2 };
class Size { public: int32_t rank; int64_t d[8]; };
struct InterfaceInfo { const char* kind; int32_t major; int32_t minor; };
class ILogger { public: enum class Severity : int32_t { kERROR = 1 }; virtual void log(Severity, const char*) noexcept = 0; virtual ~ILogger() = default; };
class IWatcher { public: virtual InterfaceInfo getInterfaceInfo() const noexcept { return InterfaceInfo{"IWatcher", 1, 0}; } virtual ~IWatcher() = default; virtual bool watch(int32_t step) noexcept = 0; };
namespace apiv {
class VRoot { public: virtual ~VRoot() noexcept = default; };
class VThing : public VRoot { public:
  virtual int32_t count() const noexcept = 0;
  virtual bool resize(Size const& size, Kind kind) noexcept = 0;
  virtual void reset() noexcept = 0; };
}
class IThing { public: virtual ~IThing() noexcept = default; protected: apiv::VThing* mImpl; };
}
extern "C" void* makeThing(void* logger, int32_t version) noexcept;
`
const ours = `#include <cstdint>
namespace trt_11 {
struct Size {
  int32_t rank;
  int64_t d[8];
};
struct InterfaceInfo {
  const char* kind;
  int32_t major;
  int32_t minor;
};
enum class Kind : int32_t { kONE = 1, kTWO = 2 };
enum class Severity : int32_t { kERROR = 1 };
class VRoot {
 public:
  virtual ~VRoot() = default;
};
template <class V>
class Handle {
 public:
  virtual ~Handle() = default;
  V* impl_;
};
class VThing;
using IThing = Handle<VThing>;
class ILogger {
 public:
  virtual void log(Severity severity, const char* text) noexcept = 0;
  virtual ~ILogger() = default;
};
class IWatcher {
 public:
  virtual InterfaceInfo getInterfaceInfo() const noexcept { return {}; }
  virtual ~IWatcher() = default;
  virtual bool watch(int32_t step) noexcept = 0;
};
class VThing : public VRoot {
 public:
  virtual int32_t count() const noexcept = 0;
  virtual bool resize(const Size& size, Kind kind) noexcept = 0;
  virtual void reset() noexcept = 0;
};
struct Exports {
  IThing* (*makeThing)(ILogger* logger, int32_t version);
};
}  // namespace trt_11
`

function headers(name: string, version = '11 0', text = theirs): HeaderSet {
  const place = join(folder, name)
  const [major, minor] = version.split(' ')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'NvInfer.h'), text)
  const defines = `#define NV_TENSORRT_MAJOR ${major}\n#define NV_TENSORRT_MINOR ${minor}\n#define NV_TENSORRT_PATCH 0\n`
  writeFileSync(join(place, 'NvInferVersion.h'), defines)
  const [set] = findHeaderSets(place)
  if (set === undefined) throw new Error('no header set was found')
  return set
}

/** Problems of our small header after an edit, against the small headers above. */
function problemsAfter(from: string, to: string, set = headers('tiny')): readonly string[] {
  if (!ours.includes(from)) throw new Error(`the header under test has no ${from}`)
  const abi = join(folder, 'abi.h')
  writeFileSync(abi, ours.replace(from, to))
  return checkHeaders(abi, set).problems
}

test('declarations that agree have no problem, and are counted', () => {
  const abi = join(folder, 'abi.h')
  writeFileSync(abi, ours)
  const report = checkHeaders(abi, headers('tiny'))
  assert.equal(report.problems, [])
  assert.equal(report.counts, { classes: 3, slots: 14, signatures: 6, values: 3, records: 3, exports: 1, infos: 0 })
  assert.match(describeReport(report), /TensorRT 11\.0\.0 .* no mismatch$/)
})
test('a slot that was moved is named, with what stands there', () => {
  const moved = problemsAfter(
    '  virtual int32_t count() const noexcept = 0;\n  virtual bool resize(const Size& size, Kind kind) noexcept = 0;\n',
    '  virtual bool resize(const Size& size, Kind kind) noexcept = 0;\n  virtual int32_t count() const noexcept = 0;\n',
  )
  assert.equal(moved.slice(0, 2), [
    'VThing slot 2: ours resize, TensorRT 11.0.0 count',
    'VThing slot 3: ours count, TensorRT 11.0.0 resize',
  ])
})
test('a slot too many is a problem, unless it came with a later version', () => {
  const reset = '  virtual void reset() noexcept = 0;\n'
  assert.equal(problemsAfter(reset, `${reset}  virtual void later() noexcept = 0;\n`), [
    'VThing slot 5: ours later, TensorRT 11.0.0 has no such slot',
  ])
  assert.equal(problemsAfter(reset, `${reset}  virtual void later() noexcept = 0;  // 11.4\n`), [])
})
test('a slot that is there earlier than its comment says is a problem', () => {
  assert.equal(problemsAfter('reset() noexcept = 0;', 'reset() noexcept = 0;  // 11.4'), [
    'VThing slot 4: reset is in TensorRT 11.0.0, earlier than abi.h says',
  ])
})
test('another parameter, another constness or another result is a problem', () => {
  for (const [from, to] of [
    ['const Size& size, Kind kind', 'const Size& size, int32_t kind'],
    ['count() const', 'count()'],
    ['int32_t count', 'int64_t count'],
  ] as const)
    assert.ok(
      problemsAfter(from, to).some((problem) => problem.startsWith('signature: ')),
      from,
    )
})
test('another enum value, record or exported function is a problem', () => {
  assert.equal(problemsAfter('kTWO = 2', 'kTWO = 3'), ['Kind::kTWO: enum is 3 in abi.h and 2 in TensorRT 11.0.0'])
  assert.equal(problemsAfter('kTWO = 2', 'kTWO = 2, kTHREE = 3'), ['Kind::kTHREE: not in TensorRT 11.0.0'])
  assert.equal(problemsAfter('int64_t d[8]', 'int64_t d[9]'), ['Size: size is 80 in abi.h and 72 in TensorRT 11.0.0'])
  assert.equal(problemsAfter('ILogger* logger, int32_t version', 'ILogger* logger'), [
    'makeThing: export is 1 in abi.h and 0 in TensorRT 11.0.0',
  ])
})
test('an interface that tells another version of itself is a problem', () => {
  const plain = 'virtual InterfaceInfo getInterfaceInfo() const noexcept { return {}; }'
  const base = `class IBase {\n public:\n  ${plain}\n};\nclass IWatcher : public IBase {\n public:\n`
  const told = (version: string) =>
    problemsAfter(
      `class IWatcher {\n public:\n  ${plain}\n`,
      `${base}  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IWatcher", ${version}}; }\n`,
      headers(
        'based',
        '11 0',
        theirs.replace(
          'class IWatcher {',
          'class IBase { public: virtual InterfaceInfo getInterfaceInfo() const noexcept { return {}; } };\nclass IWatcher : public IBase {',
        ),
      ),
    )
  assert.equal(told('1, 0'), [])
  assert.equal(told('2, 0'), ['IWatcher: info is 1 in abi.h and 0 in TensorRT 11.0.0'])
})
test('headers of an unknown major are refused', () => {
  assert.throws(() => headers('old', '8 6'), /Expected headers of TensorRT 10 or 11/)
})
test('a comment that is a version is read as one, and no other', () => {
  const rtx = (minor: number) => ({ family: 'rtx', minor, patch: 0 }) as const
  const since = parseSince('11.4, RTX 1.7')
  assert.equal([expects(since, rtx(6)), expects(since, rtx(7))], ['absent', 'present'])
  assert.is(expects(parseSince('by 10.14'), { family: '10', minor: 3, patch: 0 }), 'unknown')
  assert.equal(parseSince('First in 10.13. A short write is 1.5 bytes').minors, { 10: 13 })
  assert.equal(parseSince('a number to us').minors, {})
  assert.equal(
    [4, 5].map((minor) => shapeOf(rtx(minor))),
    [110, 111],
  )
})

test('names that are gated on a version are gated on the one that abi.h tells', () => {
  const names = readFileSync(join(repository, 'native/tensorrt/shapes/names.h'), 'utf8')
  const enums = readFileSync(join(repository, 'native/tensorrt/abi/enums.h'), 'utf8')
  const entries = [...names.matchAll(/named\("\w+",\s*(\w+)::(k\w+)(?:,\s*\{(\d+), (\d+), (\d+)\})?\)/g)]
  assert.ok(entries.length > 35)
  for (const [, type = '', name = '', ten = '0', eleven = '0', rtx = '0'] of entries) {
    const bodies = [...enums.matchAll(new RegExp(`enum class ${type} : int32_t \\{([^}]*)\\}`, 'g'))].map((match) => match[1])
    const comment = new RegExp(`${name} = \\d+,? *(?:// ([^\\n]*))?`).exec(bodies.join('\n'))?.[1]
    const { minors } = parseSince(comment)
    assert.equal([Number(ten), Number(eleven), Number(rtx)], [minors['10'] ?? 0, minors['11'] ?? 0, minors.rtx ?? 0], `${type}::${name}`)
  }
})

// With NVIDIA's headers, where `npm run check:abi` has fetched them: the newest of them will do here.
const real = findHeaderSets(crateHeaders).at(-1)
const abi = join(repository, 'native/tensorrt/abi.h')

function realTest(name: string, body: (set: HeaderSet) => void): void {
  if (real === undefined) console.log(`skipped: ${name} (npm run check:abi fetches headers)`)
  else test(name, () => body(real))
}

realTest('abi.h agrees with NVIDIA’s own headers, and a slot moved in a copy of it is found', (set) => {
  const copy = join(folder, 'copy')
  cpSync(join(repository, 'native/tensorrt/abi'), join(copy, 'abi'), { recursive: true })
  cpSync(abi, join(copy, 'abi.h'))
  assert.equal(checkHeaders(join(copy, 'abi.h'), set).problems, [])
  const path = join(copy, 'abi/engine.h')
  const text = readFileSync(path, 'utf8')
  const first = '  virtual int32_t getNbIOTensors() const noexcept TRT_PURE;\n'
  const second = '  virtual const char* getIOTensorName(int32_t index) const noexcept TRT_PURE;\n'
  assert.ok(text.includes(`${first}${second}`))
  writeFileSync(path, text.replace(`${first}${second}`, `${second}${first}`))
  const { problems } = checkHeaders(join(copy, 'abi.h'), set)
  assert.equal(
    problems.map((problem) => problem.replace(/ TensorRT-RTX [\d.]+/, '')),
    ['VCudaEngine slot 26: ours getIOTensorName, getNbIOTensors', 'VCudaEngine slot 27: ours getNbIOTensors, getIOTensorName'],
  )
})
realTest('a header set passes for no other shape than its own', (set) => {
  for (const shape of [10, 11, 110, 111])
    assert.is(checkHeaders(abi, set, shape).problems.length === 0, shape === shapeOf(set.version), `as ${shape}`)
})

test.run()
