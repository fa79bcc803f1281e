// SPDX-License-Identifier: Apache-2.0
// Running a batch as a larger one, for which there is a CUDA graph. Pure: no TensorRT.
#ifndef TENSORRT_NODE_RUN_PADDING_H_
#define TENSORRT_NODE_RUN_PADDING_H_

#include "io_table.h"
#include "layout.h"

namespace trt::run {

// How many rows a run of these shapes has: the first dimension of every output and of each input whose first one is free.
// 0: it has no rows that could be added to. An output without that dimension may well depend on all rows.
int64_t rows_of(const IoTable& io, const Layout& layout);

// Whether a run of `asked` can be one of `larger`: the same but for more rows.
bool pads(const IoTable& io, const Layout& asked, const Layout& larger);

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_PADDING_H_
