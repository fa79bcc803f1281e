#!/bin/sh
# Gives the simulator's libraries the names of the real ones: FOLDER/sim/<flavour>/libcudart.so.12 → FOLDER/sim_<flavour>_cudart.so
# and so on. Links may be made before what they point to. (gyp cannot build two libraries of one name.)
set -e
cd "$1"
link() {  # flavour, CUDA's major, libnvinfer, the parser
  mkdir -p "sim/$1"
  ln -sf "../../sim_$1_cudart.so" "sim/$1/libcudart.so.$2"
  ln -sf "../../sim_$1_nvinfer.so" "sim/$1/$3"
  ln -sf "../../sim_$1_parser.so" "sim/$1/$4"
}
link trt10 12 libnvinfer.so.10 libnvonnxparser.so.10
link trt11 13 libnvinfer.so.11 libnvonnxparser.so.11
link rtx10 12 libtensorrt_rtx.so.1 libtensorrt_onnxparser_rtx.so.1
link rtx11 13 libtensorrt_rtx.so.1 libtensorrt_onnxparser_rtx.so.1
ln -sf ../../sim_trt10_plugin.so sim/trt10/libnvinfer_plugin.so.10
ln -sf ../../sim_trt11_plugin.so sim/trt11/libnvinfer_plugin.so.11
touch sim/laid-out
