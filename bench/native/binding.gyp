{
  "targets": [
    {
      "target_name": "echo",
      "sources": ["echo.cc"],
      "defines": ["NAPI_VERSION=8"],
      "cflags_cc": ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Wpedantic"],
      "ldflags": ["-pthread"]
    }
  ]
}
