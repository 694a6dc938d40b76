// The answers that describe a server or a model: metadata, live and ready.
import type { ModelSignature, TensorSpec } from './tensor.ts'

export interface ServerMetadata {
  readonly name: string
  readonly version: string
  readonly extensions: readonly string[]
}

export interface ModelMetadata extends ModelSignature {
  readonly name: string
  readonly versions: readonly string[]
  readonly platform: string
}

export function serverMetadata(version: string): ServerMetadata {
  return { name: 'lockstep', version, extensions: [] }
}

/** The REST text of the specification calls the field of server-ready `live`; clients rely on the status alone. */
export function readyBody(ready: boolean): string {
  return `{"ready":${ready}}`
}

export function liveBody(live: boolean): string {
  return `{"live":${live}}`
}

export function modelReadyBody(name: string, ready: boolean): string {
  return `{"name":${JSON.stringify(name)},"ready":${ready}}`
}

/** Only what the protocol names, whatever else the replica told about itself. */
export function modelMetadataBody(metadata: ModelMetadata, versions: readonly string[]): string {
  const plain = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape })
  return JSON.stringify({
    name: metadata.name,
    versions,
    platform: metadata.platform,
    inputs: metadata.inputs.map(plain),
    outputs: metadata.outputs.map(plain),
  })
}
