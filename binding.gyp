{
  "includes": ["native/sources.gypi", "native/sim/targets.gypi"],
  "target_defaults": {
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "include_dirs": ["<@(addon_includes)"],
    "cflags_cc": ["<@(addon_flags)"]
  },
  "targets": [
    {
      "target_name": "tensorrt_node",
      "sources": ["<@(addon_sources)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["<@(addon_defines)"],
      "ldflags": ["<@(addon_ldflags)", "-Wl,--version-script=<(module_root_dir)/<(addon_exports)"]
    },
    {
      "target_name": "scripted",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "sources": [
        "native/test/scripted.cc",
        "native/test/scripted_model.cc",
        "native/common/exit_guard.cc",
        "native/common/lanes.cc"
      ],
      "ldflags": ["-Wl,-z,nodelete"]
    },
    {
      "target_name": "wrong_abi",
      "type": "shared_library",
      "product_prefix": "",
      "product_dir": "<(PRODUCT_DIR)",
      "sources": ["native/test/wrong_abi.cc"]
    }
  ]
}
