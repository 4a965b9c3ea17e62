import type { ProfileConfig } from '../../config/profile-schema.ts'
import type { LaunchProfile } from '../../profiles/launch-profile.ts'

/** The words of llmr.yaml for one profile as what is launched. */
export function launchProfile(name: string, profile: ProfileConfig): LaunchProfile {
  const { draft, ready, stop } = profile
  return {
    name,
    engine: profile.engine,
    binary: profile.binary,
    command: profile.command,
    model: profile.model,
    mmproj: profile.mmproj,
    draft: draft && { model: draft.model, gpuLayers: draft.gpu_layers, max: draft.max, min: draft.min },
    context: profile.context,
    parallel: profile.parallel,
    kvCache: profile.kv_cache,
    gpuLayers: profile.gpu_layers,
    flags: profile.flags,
    args: profile.args,
    env: profile.env,
    cwd: profile.cwd,
    host: profile.host,
    port: profile.port,
    proxy: profile.proxy,
    ready: { path: ready.path, timeoutMs: ready.timeout },
    stop: { command: stop.command, signal: stop.signal, timeoutMs: stop.timeout },
    logFolder: profile.log.folder,
    pools: Object.keys(profile.pools),
    sleepLevel: profile.sleep?.level,
    savesSlots: profile.save_slots,
  }
}
