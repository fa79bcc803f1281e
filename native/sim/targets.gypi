{
  "targets": [
    {
      "target_name": "sim_core",
      "type": "static_library",
      "sources": [
        "bridge.cc",
        "control.cc",
        "cuda_device.cc",
        "cuda_entry.cc",
        "cuda_graph.cc",
        "cuda_memory.cc",
        "cuda_stream.cc",
        "memory.cc",
        "scheduler.cc",
        "state.cc",
        "work.cc"
      ]
    },
    {
      "target_name": "sim_model",
      "type": "static_library",
      "sources": ["kernels.cc", "onnx.cc", "onnx_wire.cc", "plan.cc", "shapes.cc"]
    },
    {
      "target_name": "sim_trt10_cudart",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_core"],
      "sources": ["cudart.cc"],
      "defines": ["SIM_CUDA=12080"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt10_nvinfer",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvinfer.cc"],
      "defines": ["TRT_SHAPE=10"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt10_parser",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvonnxparser.cc"],
      "defines": ["TRT_SHAPE=10"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt10_plugin",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "sources": ["shape/nvinfer_plugin.cc"],
      "defines": ["TRT_SHAPE=10"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt11_cudart",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_core"],
      "sources": ["cudart.cc"],
      "defines": ["SIM_CUDA=13000"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt11_nvinfer",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvinfer.cc"],
      "defines": ["TRT_SHAPE=11"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt11_parser",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvonnxparser.cc"],
      "defines": ["TRT_SHAPE=11"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_trt11_plugin",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "sources": ["shape/nvinfer_plugin.cc"],
      "defines": ["TRT_SHAPE=11"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_rtx10_cudart",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_core"],
      "sources": ["cudart.cc"],
      "defines": ["SIM_CUDA=12080"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_rtx10_nvinfer",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvinfer.cc"],
      "defines": ["TRT_SHAPE=110"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_rtx10_parser",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvonnxparser.cc"],
      "defines": ["TRT_SHAPE=110"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_rtx11_cudart",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_core"],
      "sources": ["cudart.cc"],
      "defines": ["SIM_CUDA=13000"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_rtx11_nvinfer",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvinfer.cc"],
      "defines": ["TRT_SHAPE=111"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_rtx11_parser",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "dependencies": ["sim_model"],
      "sources": ["shape/nvonnxparser.cc"],
      "defines": ["TRT_SHAPE=111"],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "sim_control",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "sources": ["control_addon.cc"]
    },
    {
      "target_name": "sim_layout",
      "type": "none",
      "actions": [
        {
          "action_name": "layout",
          "inputs": ["layout.sh"],
          "outputs": ["<(PRODUCT_DIR)/sim/laid-out"],
          "action": ["sh", "<(module_root_dir)/native/sim/layout.sh", "<(PRODUCT_DIR)"]
        }
      ]
    }
  ]
}
