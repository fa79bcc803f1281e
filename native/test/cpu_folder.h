// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TEST_CPU_FOLDER_H_
#define TENSORRT_NODE_TEST_CPU_FOLDER_H_

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "check.h"

namespace cpu_test {

// A temporary folder, removed with what was written into it.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/cpu-backend-test-XXXXXX";
    CHECK(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Folder() {
    for (const std::string& file : files_) unlink(file.c_str());
    rmdir(path_.c_str());
  }
  std::string write(const std::string& name, const std::string& content) {
    files_.push_back(path_ + "/" + name);
    std::ofstream(files_.back(), std::ios::binary) << content;
    return files_.back();
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

}  // namespace cpu_test

#endif  // TENSORRT_NODE_TEST_CPU_FOLDER_H_
