// SPDX-License-Identifier: Apache-2.0
// What the operators compute. Plain loops: right before fast.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "model.h"

namespace sim {

namespace {

float fromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = (half >> 10) & 0x1FU;
  const uint32_t fraction = half & 0x3FFU;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -value : value;
  }
  const uint32_t bits = sign | (exponent == 31 ? 0x7F800000U : (exponent + 112) << 23) | (fraction << 13);
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint16_t toHalf(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000U);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7E00U;
  if (magnitude >= 65520.0F) return sign | 0x7C00U;
  if (magnitude < std::ldexp(1.0F, -14)) {
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(std::ldexp(magnitude, 24))));
  }
  int exponent = 0;
  const float fraction = std::frexp(magnitude, &exponent);  // [0.5, 1)
  const auto mantissa = static_cast<uint32_t>(std::nearbyint(std::ldexp(fraction, 11)));
  return static_cast<uint16_t>(sign + (static_cast<uint32_t>(exponent + 13) << 10) + mantissa);
}

template <class T>
T at(const void* data, size_t i) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + i * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void put(void* data, size_t i, T value) {
  std::memcpy(static_cast<char*>(data) + i * sizeof(T), &value, sizeof(T));
}

double load(int type, const void* data, size_t i) {
  switch (type) {
    case kHalf:
      return static_cast<double>(fromHalf(at<uint16_t>(data, i)));
    case kInt8:
      return at<int8_t>(data, i);
    case kUint8:
    case kBool:
      return at<uint8_t>(data, i);
    case kInt32:
      return at<int32_t>(data, i);
    case kInt64:
      return static_cast<double>(at<int64_t>(data, i));
    default:
      return static_cast<double>(at<float>(data, i));
  }
}

void store(int type, void* data, size_t i, double value) {
  switch (type) {
    case kHalf:
      return put(data, i, toHalf(static_cast<float>(value)));
    case kInt8:
      return put(data, i, static_cast<int8_t>(std::min(127.0, std::max(-128.0, value))));
    case kUint8:
      return put(data, i, static_cast<uint8_t>(std::min(255.0, std::max(0.0, value))));
    case kBool:
      return put(data, i, static_cast<uint8_t>(value != 0));
    case kInt32:
      return put(data, i, static_cast<int32_t>(value));
    case kInt64:
      return put(data, i, static_cast<int64_t>(value));
    default:
      return put(data, i, static_cast<float>(value));
  }
}

struct Operand {
  int type;
  const Shape* dims;
  void* data;
  size_t count() const { return static_cast<size_t>(volume(*dims)); }
};

double unary(char op, double x) {
  switch (op) {
    case 'R':
      return std::max(0.0, x);
    case 'S':
      return 1.0 / (1.0 + std::exp(-x));
    case 'N':
      return -x;
    case 'E':
      return std::exp(x);
    default:
      return x;
  }
}

double binary(char op, double x, double y) {
  switch (op) {
    case 'A':
      return x + y;
    case 'S':
      return x - y;
    case 'M':
      return x * y;
    default:
      return x / y;
  }
}

void mapUnary(char op, const Operand& in, const Operand& out) {
  if ((op == 'I' || op == 'C') && in.type == out.type) {
    std::memmove(out.data, in.data, out.count() * sizeOf(out.type));
    return;
  }
  for (size_t i = 0; i < out.count(); ++i) store(out.type, out.data, i, unary(op, load(in.type, in.data, i)));
}

// The index in an operand of the element that meets element `flat` of the broadcast result.
size_t broadcastIndex(const Shape& from, const Shape& to, size_t flat) {
  size_t index = 0;
  size_t stride = 1;
  for (size_t i = 0; i < to.size(); ++i) {
    const size_t axis = to.size() - 1 - i;
    const size_t position = flat % static_cast<size_t>(to[axis]);
    flat /= static_cast<size_t>(to[axis]);
    if (i >= from.size()) continue;
    const auto size = static_cast<size_t>(from[from.size() - 1 - i]);
    if (size != 1) index += position * stride;
    stride *= size;
  }
  return index;
}

void mapBinary(char op, const Operand& a, const Operand& b, const Operand& out) {
  const bool same = *a.dims == *out.dims && *b.dims == *out.dims;
  for (size_t i = 0; i < out.count(); ++i) {
    const size_t left = same ? i : broadcastIndex(*a.dims, *out.dims, i);
    const size_t right = same ? i : broadcastIndex(*b.dims, *out.dims, i);
    store(out.type, out.data, i, binary(op, load(a.type, a.data, left), load(b.type, b.data, right)));
  }
}

// One matrix of a product: rows × columns, element (r, c) at r * rowStride + c * columnStride from `from`.
struct Matrix {
  size_t from;
  size_t rowStride;
  size_t columnStride;
};

void multiply(const Operand& a, const Operand& b, const Operand& out, const Matrix (&where)[3],
              const size_t (&size)[3]) {
  for (size_t r = 0; r < size[0]; ++r) {
    for (size_t c = 0; c < size[2]; ++c) {
      double sum = 0;
      for (size_t k = 0; k < size[1]; ++k) {
        sum += load(a.type, a.data, where[0].from + r * where[0].rowStride + k * where[0].columnStride) *
               load(b.type, b.data, where[1].from + k * where[1].rowStride + c * where[1].columnStride);
      }
      store(out.type, out.data, where[2].from + r * where[2].rowStride + c, sum);
    }
  }
}

void matmul(const Operand& a, const Operand& b, const Operand& out) {
  const Shape& da = *a.dims;
  const Shape& db = *b.dims;
  const auto rows = static_cast<size_t>(da[da.size() - 2]);
  const auto inner = static_cast<size_t>(da[da.size() - 1]);
  const auto columns = static_cast<size_t>(db[db.size() - 1]);
  const Shape batch(out.dims->begin(), out.dims->end() - 2);
  const Shape batchA(da.begin(), da.end() - 2);
  const Shape batchB(db.begin(), db.end() - 2);
  const auto batches = static_cast<size_t>(volume(batch));
  for (size_t i = 0; i < batches; ++i) {
    const Matrix where[3] = {{broadcastIndex(batchA, batch, i) * rows * inner, inner, 1},
                             {broadcastIndex(batchB, batch, i) * inner * columns, columns, 1},
                             {i * rows * columns, columns, 1}};
    multiply(a, b, out, where, {rows, inner, columns});
  }
}

void gemm(const Node& node, const std::vector<Operand>& in, const Operand& out) {
  const bool transA = node.integer("transA", 0) != 0;
  const bool transB = node.integer("transB", 0) != 0;
  const Shape& da = *in[0].dims;
  const auto rows = static_cast<size_t>((*out.dims)[0]);
  const auto columns = static_cast<size_t>((*out.dims)[1]);
  const auto inner = static_cast<size_t>(da[transA ? 0 : 1]);
  const Matrix where[3] = {
      {0, transA ? 1 : inner, transA ? rows : 1}, {0, transB ? 1 : columns, transB ? inner : 1}, {0, columns, 1}};
  multiply(in[0], in[1], out, where, {rows, inner, columns});
  const auto alpha = node.floats.find("alpha");
  const auto beta = node.floats.find("beta");
  const double scale = alpha == node.floats.end() ? 1.0 : static_cast<double>(alpha->second);
  const double bias = beta == node.floats.end() ? 1.0 : static_cast<double>(beta->second);
  for (size_t i = 0; i < out.count(); ++i) {
    double value = scale * load(out.type, out.data, i);
    if (in.size() > 2) value += bias * load(in[2].type, in[2].data, broadcastIndex(*in[2].dims, *out.dims, i));
    store(out.type, out.data, i, value);
  }
}

void softmax(const Node& node, const Operand& in, const Operand& out) {
  const auto rank = static_cast<int64_t>(in.dims->size());
  const int64_t axis = (node.integer("axis", -1) + rank) % std::max<int64_t>(rank, 1);
  size_t inner = 1;
  for (int64_t i = axis + 1; i < rank; ++i) inner *= static_cast<size_t>((*in.dims)[static_cast<size_t>(i)]);
  const auto size = static_cast<size_t>((*in.dims)[static_cast<size_t>(axis)]);
  const size_t step = inner * size;
  for (size_t start = 0; start < in.count(); ++start) {
    if ((start / inner) % size != 0 || step == 0) continue;
    double top = -HUGE_VAL;
    double sum = 0;
    for (size_t k = 0; k < size; ++k) top = std::max(top, load(in.type, in.data, start + k * inner));
    for (size_t k = 0; k < size; ++k) sum += std::exp(load(in.type, in.data, start + k * inner) - top);
    for (size_t k = 0; k < size; ++k) {
      store(out.type, out.data, start + k * inner, std::exp(load(in.type, in.data, start + k * inner) - top) / sum);
    }
  }
}

// Coordinates of what is not zero, one row for each axis. A null `data`: only counts.
void nonZero(const Operand& in, Shape& dims, void* data) {
  std::vector<size_t> found;
  for (size_t i = 0; i < in.count(); ++i) {
    if (load(in.type, in.data, i) != 0) found.push_back(i);
  }
  dims = {static_cast<int64_t>(in.dims->size()), static_cast<int64_t>(found.size())};
  if (data == nullptr) return;
  for (size_t k = 0; k < found.size(); ++k) {
    size_t rest = found[k];
    for (size_t axis = in.dims->size(); axis-- > 0;) {
      const auto size = static_cast<size_t>((*in.dims)[axis]);
      put(data, axis * found.size() + k, static_cast<int64_t>(rest % size));
      rest /= size;
    }
  }
}

void run(const Node& node, const std::vector<Operand>& in, const Operand& out) {
  const std::string& op = node.op;
  if (op == "MatMul") return matmul(in[0], in[1], out);
  if (op == "Gemm") return gemm(node, in, out);
  if (op == "Softmax") return softmax(node, in[0], out);
  if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div") return mapBinary(op[0], in[0], in[1], out);
  if (op == "Reshape") return mapUnary('I', in[0], out);
  if (op == "Shape") {
    for (size_t i = 0; i < in[0].dims->size(); ++i) put(out.data, i, (*in[0].dims)[i]);
    return;
  }
  mapUnary(op == "Cast" ? 'C' : op[0], in[0], out);
}

}  // namespace

void execute(const Model& model, Shapes& shapes, const std::vector<void*>& at) {
  std::vector<Operand> in;
  for (const Node& node : model.nodes) {
    in.clear();
    for (const int index : node.in) {
      const auto i = static_cast<size_t>(index);
      in.push_back({model.tensors[i].type, &shapes.dims[i], at[i]});
    }
    const auto o = static_cast<size_t>(node.out[0]);
    if (node.op == "NonZero") {
      nonZero(in[0], shapes.dims[o], at[o]);
      continue;
    }
    if (model.tensors[o].dataDependent) shapes.dims[o] = shapes.dims[static_cast<size_t>(node.in[0])];
    if (at[o] != nullptr) run(node, in, {model.tensors[o].type, &shapes.dims[o], at[o]});
  }
}

}  // namespace sim
