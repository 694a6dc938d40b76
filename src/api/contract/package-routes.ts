// Moving releases: registries, archives, verification of what came from elsewhere: methods, routes, inputs and views of this part of the API. Browser-safe.
import { z } from 'zod'
import type { Listener, RouteTable } from './route.ts'

export interface RegistryInput {
  /** `localhost:5000/income:3`. */
  readonly registry: string
  /** Talk to a registry on another machine without encryption. */
  readonly insecure?: boolean
  /** Instead of what `docker login` left on the control plane's machine. */
  readonly user?: string
  readonly password?: string
}

export interface PushInput extends RegistryInput {
  /** Another repository of the same registry that may have the big files already. */
  readonly mountFrom?: string
}

export interface ExportInput {
  /** Absolute path on the control plane's machine. */
  readonly file: string
}

export interface VerifyInput {
  readonly release?: string
  /** Absolute path on the control plane's machine. */
  readonly file?: string
  readonly registry?: RegistryInput
}

export interface PushView {
  readonly release: number
  readonly alias: string
  /** `localhost:5000/income:3`. */
  readonly reference: string
  /** Of the model's manifest: what to pull by. */
  readonly digest: string
  readonly blobs: { readonly sent: number; readonly mounted: number; readonly there: number }
  readonly bytesSent: number
  readonly manifestsSent: number
  readonly referrers: 'api' | 'tag'
  /** False when the tag already meant this release. */
  readonly isNew: boolean
}

export interface ReceivedView {
  /** Its number in this project. */
  readonly release: number
  readonly alias: string
  readonly id: string
  readonly digest: string
  /** The file or the place in a registry. */
  readonly from: string
  readonly originalProject: string
  readonly signedBy: string
  /** False when this project had it already. */
  readonly isNew: boolean
  readonly bytesFetched: number
}

export interface ExportView {
  readonly release: number
  readonly alias: string
  readonly file: string
  readonly size: number
  /** Of the model's manifest. */
  readonly digest: string
}

export interface VerifyView {
  readonly subject: string
  readonly release: string
  readonly digest: string
  readonly verified: boolean
  readonly parts: readonly {
    readonly part: string
    readonly ok: boolean
    readonly because: string
  }[]
}

export interface PackageApi {
  /** Sends the release to a registry: only what it lacks, the tag last. */
  pushRelease(release: string, input: PushInput, listener: Listener): Promise<PushView>
  /** Takes a release from a registry, when a key this project trusts signed it. */
  pullRelease(input: RegistryInput, listener: Listener): Promise<ReceivedView>
  exportRelease(release: string, input: ExportInput, listener: Listener): Promise<ExportView>
  importRelease(input: ExportInput, listener: Listener): Promise<ReceivedView>
  /** Every part, checked against this project's trusted keys. */
  verifyPackage(input: VerifyInput, listener: Listener): Promise<VerifyView>
}

export const packageRoutes: RouteTable<PackageApi> = {
  pushRelease: { method: 'POST', path: '/api/releases/:release/push', tells: true },
  pullRelease: { method: 'POST', path: '/api/packages/pull', tells: true },
  exportRelease: { method: 'POST', path: '/api/releases/:release/export', tells: true },
  importRelease: { method: 'POST', path: '/api/packages/import', tells: true },
  verifyPackage: { method: 'POST', path: '/api/packages/verify', tells: true },
}

const text = z.string().min(1).max(4096)
const registry = z.strictObject({
  registry: text,
  insecure: z.boolean().optional(),
  user: text.optional(),
  password: z.string().min(1).max(65_536).optional(),
})
const file = z.strictObject({ file: text })

export const packageInputs: Partial<Record<keyof PackageApi, z.ZodType>> = {
  pushRelease: registry.extend({ mountFrom: text.optional() }),
  pullRelease: registry,
  exportRelease: file,
  importRelease: file,
  verifyPackage: z.strictObject({
    release: text.optional(),
    file: text.optional(),
    registry: registry.optional(),
  }),
}
