// ONNX Runtime 1.30 for Linux keeps usage events below ~/.cache and sends them to its makers unless told otherwise before it is loaded.
// Lockstep sends nothing anywhere: import this first in every process that loads it.
process.env.ORT_DISABLE_TELEMETRY = '1'
