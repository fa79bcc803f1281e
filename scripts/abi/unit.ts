/** Writes the C++ that lets the compiler itself compare our declarations with NVIDIA's. */
import type { OwnClass, OwnHeader, OwnSlot } from './own.js'
import { qualified } from './slots.js'

export interface UnitInput {
  readonly own: OwnHeader
  readonly shape: number
  /** Path of our abi.h. */
  readonly abi: string
  readonly hasParser: boolean
  readonly shared: ReadonlyMap<string, readonly OwnSlot[]>
  /** NVIDIA's headers, preprocessed: which names exist there. */
  readonly theirs: string
}

/** NVIDIA's headers alone. */
export function theirHeaders(hasParser: boolean): string {
  return `#include <NvInfer.h>\n${hasParser ? '#include <NvOnnxParser.h>\n' : ''}`
}

/** Both in one translation unit: ours are in a namespace of their own. */
export function bothHeaders({ shape, abi, hasParser }: Pick<UnitInput, 'shape' | 'abi' | 'hasParser'>): string {
  return `#define TRT_SHAPE ${shape}\n#include "${abi}"\n${theirHeaders(hasParser)}`
}

/** The program prints `kind name ours theirs` for each fact; signatures that differ do not compile. */
export function comparison(input: UnitInput): string {
  return [
    '#include <climits>\n#include <cstddef>\n#include <cstdio>\n#include <cstring>\n#include <type_traits>',
    bothHeaders(input),
    helpers,
    overrides(input),
    probes(input.own),
    'int main() {\n  using namespace nvinfer1;',
    ...enumFacts(input),
    ...recordFacts(input),
    ...exportFacts(input),
    ...infoFacts(input),
    '}',
  ].join('\n')
}

const helpers = `
static void fact(const char* kind, const char* name, long long ours, long long theirs) {
  std::printf("%s %s %lld %lld\\n", kind, name, ours, theirs);
}
// What a parameter is to the calling convention: exported functions take and give untyped pointers in NVIDIA's headers.
template <class T, bool = std::is_enum_v<T>> struct Erase { using type = T; };
template <class T> struct Erase<T, true> { using type = std::underlying_type_t<T>; };
template <class T> struct Erase<T*, false> { using type = void*; };
template <class T> struct Erase<T&, false> { using type = void*; };
template <class R, class... A> struct Erase<R (*)(A...), false> { using type = typename Erase<R>::type (*)(typename Erase<A>::type...); };
template <class R, class... A> struct Erase<R (*)(A...) noexcept, false> { using type = typename Erase<R (*)(A...)>::type; };
`

/** Names that are nested or renamed in ours. */
const renamed: Readonly<Record<string, string>> = {
  Severity: 'nvinfer1::ILogger::Severity',
  ParserErrorCode: 'nvonnxparser::ErrorCode',
  OnnxParserFlag: 'nvonnxparser::OnnxParserFlag',
}
const theirName = (name: string) => renamed[name] ?? `nvinfer1::${name}`
const ofParser = (name: string) => theirName(name).startsWith('nvonnxparser::')

function exists(theirs: string, kind: string, name: string): boolean {
  return new RegExp(`\\b(?:${kind})\\s+(?:\\[\\[[^\\]]*\\]\\]\\s*)?${name}\\b[^;{]*\\{`).test(theirs)
}

/** Each class derived from NVIDIA's with our declarations marked `override`: another signature is no override. */
function overrides({ own, shared, hasParser, theirs }: UnitInput): string {
  const aliases = [
    'using Severity = nvinfer1::ILogger::Severity;',
    ...(hasParser ? ['using ParserErrorCode = nvonnxparser::ErrorCode;', 'using nvonnxparser::OnnxParserFlag;'] : []),
    ...(hasParser ? ['using nvonnxparser::IParserError;'] : []),
    ...(exists(theirs, 'class', 'IRefitterObserver') ? ['using nvonnxparser::IRefitterObserver;'] : []),
  ]
  const classes = own.classes.filter((each) => shared.has(each.name)).map((each) => override(each, shared.get(each.name) ?? []))
  return `namespace check {\nusing namespace nvinfer1;\n${aliases.join('\n')}\n${classes.join('\n')}\n}`
}

function override(own: OwnClass, slots: readonly OwnSlot[]): string {
  const body = own.info === undefined ? ' override;' : ' override { __builtin_trap(); }'
  const lines = slots.filter((slot) => slot.text !== '').map((slot) => `  ${slot.text}${body}`)
  return `struct ${own.name}_ : ${qualified(own.name)} {\n${lines.join('\n')}\n};`
}

/** For each enumerator a function that gives its value in an enum, or LLONG_MIN where that enum lacks it. */
function probes(own: OwnHeader): string {
  const names = new Set(own.enums.flatMap(({ values }) => values.map(({ name }) => name)))
  return [...names]
    .map(
      (name) => `template <class E> long long value_${name}(decltype(E::${name})*) { return (long long)E::${name}; }
template <class E> long long value_${name}(...) { return LLONG_MIN; }`,
    )
    .join('\n')
}

function enumFacts({ own, hasParser, theirs }: UnitInput): string[] {
  const width = (type: string) => `(long long)sizeof(${type}) * (std::is_signed_v<std::underlying_type_t<${type}>> ? 1 : -1)`
  return own.enums.flatMap(({ name, values }) => {
    const [mine, original] = [`${own.space}::${name}`, theirName(name)]
    const absent = (ofParser(name) && !hasParser) || !exists(theirs, 'enum class', original.split('::').at(-1) ?? name)
    if (absent) return [`fact("no-enum", "${name}", 0, 0);`]
    return [
      `fact("type", "${name}", ${width(mine)}, ${width(original)});`,
      ...values.map(
        ({ name: value }) => `fact("enum", "${name}::${value}", (long long)${mine}::${value}, value_${value}<${original}>(nullptr));`,
      ),
    ]
  })
}

function recordFacts({ own, theirs }: UnitInput): string[] {
  const handles = [...own.handles, ...own.classes.filter((each) => each.isHandle)]
  const sizes = [...own.records, ...handles].map(({ name }) => name)
  const known = sizes.filter((name) => exists(theirs, 'class|struct', name))
  const offsets = own.records.flatMap(({ name, members }) => (known.includes(name) ? members.map((member) => ({ name, member })) : []))
  return [
    ...sizes.filter((name) => !known.includes(name)).map((name) => `fact("no-record", "${name}", 0, 0);`),
    ...known.map((name) => `fact("size", "${name}", sizeof(${own.space}::${name}), sizeof(nvinfer1::${name}));`),
    ...offsets.map(
      ({ name, member }) =>
        `fact("offset", "${name}::${member}", offsetof(${own.space}::${name}, ${member}), offsetof(nvinfer1::${name}, ${member}));`,
    ),
  ]
}

function exportFacts({ own, theirs }: UnitInput): string[] {
  return own.exports.map(({ record, name }) => {
    if (!new RegExp(`\\b${name}\\s*\\(`).test(theirs)) return `fact("no-export", "${name}", 0, 0);`
    const same = `std::is_same_v<Erase<decltype(${own.space}::${record}::${name})>::type, Erase<decltype(&${name})>::type>`
    return `fact("export", "${name}", 1, ${same});`
  })
}

function infoFacts({ own, shared }: UnitInput): string[] {
  return own.classes.flatMap(({ name, info }) => {
    if (info === undefined || !shared.has(name)) return []
    return [
      `{ check::${name}_ each; const auto theirs = each.getInterfaceInfo(); const ${own.space}::InterfaceInfo ours{${info}};
  fact("info", "${name}", 1, std::strcmp(ours.kind, theirs.kind) == 0 && ours.major == theirs.major && ours.minor == theirs.minor); }`,
    ]
  })
}
