// The smallest complete lockstep.yaml, for tests that need a project and not its details.

export const smallProject = `version: 1
project: tiny
model: {name: tiny, artifact: model.onnx}
pipeline:
  train: {run: python train.py, outputs: [model.onnx]}
data:
  holdout: {path: holdout.csv}
evaluate: {data: holdout, label: y}
environments:
  staging: {port: 8081, delivery: automatic}
`
