// SPDX-License-Identifier: Apache-2.0
// Weights that a model keeps in files outside of itself.
#include <random>

#include "cpu_cases.h"
#include "cpu_folder.h"
#include "cpu_harness.h"
#include "cpu_models.h"
#include "external_data.h"
#include "guard.h"

namespace cpu_test {
namespace {

float run_external(const Built& built) {
  succeeded(built);
  const Engine engine = load(built.payload);
  const Session session = make_session(engine);
  float x[] = {1, 2};
  float sum[2] = {};
  Run run(session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {tensor(0, {1, 2}, sum, sizeof sum)});
  succeeded(run.wait());
  return sum[1];
}

void takes_external_data_in() {
  Folder folder;
  const std::string weights = onnx_writer::raw<float>({10, 20});
  const std::string model = external_model("weights.bin");
  const std::string path = folder.write("model.onnx", model);
  const backend_external given{"weights.bin", weights.data(), weights.size()};
  for (const char* level : {"none", "extended"}) {
    CHECK(run_external(build({model, {{"optimize", level}}, nullptr, {given}})) == 22);
  }
  const Built missing = build({model, {}});
  CHECK(missing.status == BACKEND_INVALID_ARGUMENT && says(missing, "weights.bin"));
  CHECK(build({"", {}, path.c_str()}).status == BACKEND_INVALID_ARGUMENT);  // not written yet
  folder.write("weights.bin", weights);
  for (const char* level : {"none", "extended"}) {
    CHECK(run_external(build({"", {{"optimize", level}}, path.c_str()})) == 22);
    CHECK(run_external(build({model, {{"optimize", level}}, path.c_str()})) == 22);
  }
  const backend_external cut{"weights.bin", weights.data(), 4};
  const Built short_data = build({model, {}, nullptr, {cut}});
  CHECK(short_data.status == BACKEND_MODEL);
}

void refuses_external_data_outside_of_the_folder() {
  Folder folder;
  for (const char* location : {"../weights.bin", "/etc/hostname", "a/../../b", ""}) {
    const std::string path = folder.write("model.onnx", external_model(location));
    const Built built = build({"", {}, path.c_str()});
    CHECK(built.status == BACKEND_MODEL && says(built, "outside"));
  }
  Engine engine;
  CHECK(try_load(external_model("weights.bin"), engine).status == BACKEND_UNSUPPORTED && engine == nullptr);
}

// y = If(c, x + w, x - w) with w inside of the branches, as two slices of one file: [1, 2] and [30, 40].
std::string branching_model() {
  using namespace onnx_writer;
  const auto branch = [](const std::string& op, const std::string& name, const std::string& weights) {
    return graph_body({{node(op, {"x", "w"}, {name})}, {weights}, {}, {value(name, kFloat, {2})}});
  };
  const std::string add = branch("Add", "a", external_tensor("w", {2}, "weights.bin", "8", "8"));
  const std::string sub = branch("Sub", "s", external_tensor("w", {2}, "weights.bin", "24", "8"));
  const std::string choose = with_graph(with_graph(node("If", {"c"}, {"y"}), "then_branch", add), "else_branch", sub);
  return model({{choose}, {}, {value("x", kFloat, {2}), value("c", kBool, {})}, {value("y", kFloat, {2})}});
}

void takes_slices_in_for_subgraphs() {
  const std::string weights = onnx_writer::raw<float>({-1, -1, 1, 2, -1, -1, 30, 40});
  const backend_external given{"weights.bin", weights.data(), weights.size()};
  for (const char* level : {"none", "extended"}) {
    const Built built = build({branching_model(), {{"optimize", level}}, nullptr, {given}});
    succeeded(built);
    const Engine engine = load(built.payload);
    const Session session = make_session(engine);
    float x[] = {5, 6};
    float y[2] = {};
    bool condition = true;
    const std::vector<backend_tensor> inputs = {tensor(0, {2}, x, sizeof x), tensor(1, {}, &condition, 1)};
    Run added(session.get(), inputs, {tensor(0, {2}, y, sizeof y)});
    CHECK(added.wait().status == BACKEND_OK && y[0] == 6 && y[1] == 8);
    condition = false;
    Run subtracted(session.get(), inputs, {tensor(0, {2}, y, sizeof y)});
    CHECK(subtracted.wait().status == BACKEND_OK && y[0] == -25 && y[1] == -34);
  }
}

void refuses_slices_beyond_the_file() {
  const std::string weights(16, 0);
  const backend_external given{"weights.bin", weights.data(), weights.size()};
  const Built built = build({branching_model(), {}, nullptr, {given}});
  CHECK(built.status == BACKEND_MODEL && says(built, "8 bytes at 24 from 'weights.bin'") && says(built, "16 bytes"));
}

void keeps_every_other_byte() {
  const std::string plain = add_model() + onnx_writer::Message().bytes(777, "a field nobody knows").str() + "\xff";
  const std::vector<char> same = trtn::inline_external_data(plain.data(), plain.size(), {});
  CHECK(std::string(same.data(), same.size()) == plain);
}

void survives_damaged_references() {
  const std::string weights(64, 1);
  const backend_external given{"weights.bin", weights.data(), weights.size()};
  const std::string good = branching_model();
  std::mt19937 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = good;
    for (int flips = 0; flips < 3; ++flips)
      damaged[random() % damaged.size()] ^= static_cast<char>(1u << (random() % 8));
    if (i % 4 == 0) damaged.resize(random() % damaged.size());
    trtn::ExternalFiles files;
    for (const std::string& location : trtn::external_locations(damaged.data(), damaged.size())) {
      files[location] = {given.data, given.bytes};
    }
    const Outcome outcome = outcome_of([&](backend_error* error) {
      return trtn::guard(error, [&] { (void)trtn::inline_external_data(damaged.data(), damaged.size(), files); });
    });
    CHECK(outcome.status == BACKEND_OK || outcome.status == BACKEND_MODEL);
  }
}

}  // namespace

void add_external_cases(std::vector<Case>& cases) {
  cases.insert(cases.end(),
               {{"external: takes files in", takes_external_data_in},
                {"external: takes slices in for subgraphs", takes_slices_in_for_subgraphs},
                {"external: refuses files outside of the folder", refuses_external_data_outside_of_the_folder},
                {"external: refuses slices beyond the file", refuses_slices_beyond_the_file},
                {"external: keeps every other byte", keeps_every_other_byte},
                {"external: survives damaged references", survives_damaged_references}});
}

}  // namespace cpu_test
