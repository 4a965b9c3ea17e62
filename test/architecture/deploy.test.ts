import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { backendKinds } from '../../src/backends/backend-kinds.ts'
import { checkExposure } from '../../src/config/check-exposure.ts'
import { dataDirectory, findConfigFile } from '../../src/config/locations.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { matchRoute } from '../../src/http/routes.ts'

/** What deploy/ and docs/install.md say, held against the program: nobody runs them before a user does. */

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const packageFile = z
  .object({ version: z.string(), bin: z.object({ llmr: z.string() }) })
  .parse(JSON.parse(read('package.json')))
const defaults = parseConfig({ text: '', file: '/etc/llmr/llmr.yaml', backendKinds, env: {} }).config.listen
const shutdownTimeoutS = defaults.shutdown_timeout / 1000

const port = z.union([z.string(), z.number()])
const probe = z.object({ httpGet: z.object({ path: z.string(), port }) })
const labels = z.record(z.string(), z.string())

const deployment = z
  .object({
    metadata: z.object({ labels }),
    spec: z.object({
      selector: z.object({ matchLabels: labels }),
      template: z.object({
        metadata: z.object({ labels }),
        spec: z.object({
          enableServiceLinks: z.boolean(),
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.object({ runAsUser: z.number() }),
          containers: z.tuple([
            z.object({
              image: z.string(),
              ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
              env: z.array(z.object({ name: z.string() })),
              livenessProbe: probe,
              readinessProbe: probe,
              lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }),
              volumeMounts: z.array(
                z.object({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() }),
              ),
            }),
          ]),
          volumes: z.array(z.object({ name: z.string(), configMap: z.object({ name: z.string() }).optional() })),
        }),
      }),
    }),
  })
  .parse(parse(read('deploy/kubernetes/deployment.yaml')))
const pod = deployment.spec.template.spec
const [container] = pod.containers

const service = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({ selector: labels, ports: z.tuple([z.object({ port: z.number(), targetPort: port })]) }),
  })
  .parse(parse(read('deploy/kubernetes/service.yaml')))
const [servicePort] = service.spec.ports

const configMap = z
  .object({ metadata: z.object({ name: z.string() }), data: z.object({ 'llmr.yaml': z.string() }) })
  .parse(parse(read('deploy/kubernetes/configmap.yaml')))

const compose = z
  .object({
    services: z.object({
      llmr: z.object({
        image: z.string(),
        build: z.object({ context: z.string(), dockerfile: z.string() }),
        init: z.boolean(),
        stop_grace_period: z.string().regex(/^\d+s$/),
        ports: z.array(z.string()),
        volumes: z.array(z.string()),
      }),
    }),
  })
  .parse(parse(read('deploy/compose.yaml'))).services.llmr

const image = readImage(read('deploy/container/Containerfile'))
const unit = readUnit(read('deploy/systemd/llmr.service'))

describe('Kubernetes', () => {
  const configFile = '/etc/llmr/llmr.yaml'
  const digest = '0'.repeat(64)
  const clusterConfig = () =>
    parseConfig({
      text: configMap.data['llmr.yaml'],
      file: configFile,
      backendKinds,
      env: Object.fromEntries(container.env.map(({ name }) => [name, digest])),
      hasStoredKeys: false,
    })

  test('the service leads to the port that llmr listens on (N1.1)', () => {
    const target = container.ports.find(({ name, containerPort }) =>
      [name, containerPort].includes(servicePort.targetPort),
    )
    expect(target?.containerPort).toBe(clusterConfig().config.listen.port)
    expect(target?.containerPort).toBe(defaults.port)
    expect(servicePort.port).toBe(defaults.port)
  })

  test('the service and the deployment choose the pods that the deployment makes (N1.1)', () => {
    expect(deployment.spec.template.metadata.labels).toMatchObject(service.spec.selector)
    expect(deployment.spec.template.metadata.labels).toMatchObject(deployment.spec.selector.matchLabels)
  })

  test('alive and ready are two questions, asked of pages that exist and need no key (N1.1)', () => {
    const { livenessProbe, readinessProbe } = container
    expect(matchRoute('GET', livenessProbe.httpGet.path)).toMatchObject({ purpose: 'liveness', scope: undefined })
    expect(matchRoute('GET', readinessProbe.httpGet.path)).toMatchObject({ purpose: 'readiness', scope: undefined })
    const names = container.ports.map(({ name }) => name)
    expect(names).toContain(livenessProbe.httpGet.port)
    expect(names).toContain(readinessProbe.httpGet.port)
  })

  test('its configuration is valid with the variables of the deployment, and lets llmr bind all addresses', () => {
    const { config, warnings } = clusterConfig()
    expect(warnings).toEqual([])
    const host = image.env['LLMR_HOST'] ?? defaults.host
    expect(checkExposure({ host, auth: config.auth, hasStoredKeys: false })).toBeUndefined()
  })

  test('the configuration is mounted where llmr looks for it, as a folder that follows changes', () => {
    const volume = pod.volumes.find((one) => one.configMap?.name === configMap.metadata.name)
    const mount = container.volumeMounts.find(({ name }) => name === volume?.name)
    expect(mount).toEqual({ name: volume?.name, mountPath: '/etc/llmr' })
    expect(foundConfig(image.env)).toBe(configFile)
  })

  test('the data folder and the folder for temporary files can be written', () => {
    const paths = container.volumeMounts.map(({ mountPath }) => mountPath)
    expect(paths).toEqual(expect.arrayContaining([dataFolder(image.env), '/tmp']))
  })

  test('no variable that Kubernetes makes of the name of the service is taken for a setting', () => {
    const made = `${service.metadata.name.toUpperCase().replaceAll('-', '_')}_PORT`
    expect(programVariables()).toContain(made) // else the switch has no reason any more
    expect(pod.enableServiceLinks).toBe(false)
  })

  test('a pod is given the time that replies in flight may take', () => {
    const pauseS = Number(container.lifecycle.preStop.exec.command.at(-1))
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pauseS + shutdownTimeoutS)
  })
})

describe('the container', () => {
  test('the image exposes and checks the port that llmr listens on', () => {
    expect(image.exposed).toEqual([String(defaults.port)])
    const { host, path } = splitUrl(image.healthUrl)
    expect(host).toBe(`127.0.0.1:${defaults.port}`)
    expect(matchRoute('GET', path)).toMatchObject({ purpose: 'liveness', scope: undefined })
  })

  test('it starts the program that the package calls llmr (N4.16)', () => {
    expect(image.entrypoint).toEqual(['node', join('/opt/llmr', packageFile.bin.llmr)])
    expect(image.copied).toContain(packageFile.bin.llmr.replace('./', ''))
    expect(image.copied).toEqual(expect.arrayContaining(['profiles', 'migrations', '/build/dist']))
    const sent = read('deploy/container/Containerfile.dockerignore')
    for (const folder of ['profiles', 'migrations', 'workers']) expect(sent).toContain(`!${folder}\n`)
  })

  test('it runs as a user by number who is not root, the same in the deployment', () => {
    const [user] = image.user.split(':')
    expect(user).toMatch(/^[1-9]\d*$/)
    expect(pod.securityContext.runAsUser).toBe(Number(user))
  })

  test('Compose publishes its port to this machine alone and keeps its data folder', () => {
    expect(compose.ports).toEqual([`127.0.0.1:${defaults.port}:${defaults.port}`])
    expect(compose.volumes).toEqual(['./container/config:/etc/llmr:ro', `data:${dataFolder(image.env)}`])
    expect(image.volumes).toEqual([dataFolder(image.env)])
    expect(join('deploy', compose.build.context, compose.build.dockerfile)).toBe('deploy/container/Containerfile')
  })

  test('Compose gives replies in flight their time, and engines an init above them', () => {
    expect(Number(compose.stop_grace_period.replace('s', ''))).toBeGreaterThan(shutdownTimeoutS)
    expect(compose.init).toBe(true)
  })

  test('the configuration that it mounts is valid', () => {
    const text = read('deploy/container/config/llmr.yaml')
    expect(parseConfig({ text, file: '/etc/llmr/llmr.yaml', backendKinds, env: {} }).warnings).toEqual([])
    expect(foundConfig(image.env)).toBe('/etc/llmr/llmr.yaml')
  })

  test('every image is named with this version or that of its base, never by what is newest', () => {
    const built = [compose.image, container.image]
    expect(built).toEqual([`llmr:${packageFile.version}`, `llmr:${packageFile.version}`])
    expect(new Set(image.bases)).toEqual(new Set(['node:24-slim']))
    const named = deployFiles().flatMap((file) => Array.from(read(file).matchAll(/:latest\b/g), () => file))
    expect(named).toEqual([])
  })
})

describe('the systemd unit', () => {
  const setBySystemd = { STATE_DIRECTORY: `/var/lib/${unit.one('StateDirectory')}` }
  const own = Object.fromEntries(unit.all('Environment').map((line) => line.split('=', 2)))

  test('it starts the program where the page installs it (N4.16)', () => {
    const installed = `/usr/local/bin/${Object.keys(packageFile.bin).join()}`
    expect(unit.one('ExecStart')).toBe(`${installed} serve`)
    expect(read('docs/install.md')).toContain(
      `sudo npm install --global --prefix /usr/local ./llmr-${packageFile.version}.tgz`,
    )
  })

  test('the folder it may write is the one that llmr writes, and the page makes keys there (N4.6, N4.16)', () => {
    expect(dataFolder({ ...setBySystemd, ...own })).toBe('/var/lib/llmr')
    expect(unit.one('ProtectSystem')).toBe('strict')
    expect(unit.one('PrivateTmp')).toBe('yes')
    const folders = Array.from(read('docs/install.md').matchAll(/--data (\S+?)`?[,\s]/g), ([, folder]) => folder)
    expect(new Set(folders)).toEqual(new Set(['/var/lib/llmr']))
  })

  test('its configuration is the one of the machine', () => {
    expect(foundConfig({ ...setBySystemd, ...own })).toBe('/etc/llmr/llmr.yaml')
  })

  test('a stop leaves replies and then engines their time, and is told to llmr alone', () => {
    expect(Number(unit.one('TimeoutStopSec'))).toBeGreaterThan(2 * shutdownTimeoutS)
    expect(unit.one('KillMode')).toBe('mixed')
  })

  test('a reload is the signal that llmr reads its configuration at', () => {
    expect(unit.one('ExecReload')).toBe('/bin/kill -HUP $MAINPID')
    expect(read('src/gateway/configure/run-gateway.ts')).toContain("process.on('SIGHUP'")
  })

  test('nothing in it hides GPUs from engines or forbids compilers', () => {
    const hiding = [
      'PrivateDevices',
      'DevicePolicy',
      'DeviceAllow',
      'ProtectClock',
      'MemoryDenyWriteExecute',
      'ProcSubset',
    ]
    expect(hiding.filter((name) => unit.all(name).length > 0)).toEqual([])
  })

  test.skipIf(!isInstalled('systemd-analyze')).each(['llmr.service', 'llmr-worker@.service'])(
    'systemd finds nothing wrong with %s (needs systemd-analyze)',
    (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'llmr-unit-'))
      try {
        const file = join(folder, name.replace('@', '@persist'))
        // systemd also looks whether the program is there, which it is not where nothing is installed.
        const text = read(`deploy/systemd/${name}`).replace(/^(ExecStart=)\S+/m, '$1/bin/sh')
        writeFileSync(file, text.replace(/^(ExecReload=)\S+/m, '$1/bin/sh'))
        const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
          encoding: 'utf8',
        })
        // Misspelled directives are warnings, and other units of the machine may have some of their own.
        expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes(basename(file)))).toEqual([])
        expect(status).toBe(0)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})

describe('the workers', () => {
  const workers = globSync('commands/worker/*.ts', { cwd: root }).map((file) => basename(file, '.ts'))
  const manifest = z.object({
    kind: z.literal('Deployment'),
    spec: z.object({
      selector: z.object({ matchLabels: labels }),
      template: z.object({
        metadata: z.object({ labels }),
        spec: z.object({
          terminationGracePeriodSeconds: z.number(),
          containers: z.tuple([
            z.object({
              image: z.string(),
              args: z.array(z.string()),
              env: z.array(z.object({ name: z.string() })),
              ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
              livenessProbe: probe,
              readinessProbe: probe,
              volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
            }),
          ]),
        }),
      }),
    }),
  })

  test.each(workers)(
    'Kubernetes runs %s with the configuration of the gateway, and asks the port that it shows',
    (name) => {
      const { spec } = manifest.parse(parse(read(`deploy/kubernetes/workers/${name}.yaml`)))
      const [worker] = spec.template.spec.containers
      const [{ name: portName, containerPort } = { name: '', containerPort: 0 }] = worker.ports
      expect(worker.args).toEqual(['worker', name, '--host', '0.0.0.0', '--port', String(containerPort)])
      expect(worker.livenessProbe.httpGet).toEqual({ path: '/healthz', port: portName })
      expect(worker.readinessProbe.httpGet).toEqual({ path: '/readyz', port: portName })
      expect(worker.image).toBe(container.image)
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels)
      expect(spec.template.metadata.labels).not.toMatchObject(service.spec.selector)
      const names = worker.env.map((one) => one.name)
      expect(names).toEqual(expect.arrayContaining(container.env.map((one) => one.name)))
      expect(worker.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
        '/etc/llmr',
        dataFolder(image.env),
        '/tmp',
      ])
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10)
    },
  )

  test('Compose starts each of them, with the database and the bus of the gateway', () => {
    const file = z
      .object({
        services: z.record(
          z.string(),
          z.object({
            image: z.string().optional(),
            command: z.array(z.string()).optional(),
            volumes: z.array(z.string()).optional(),
            healthcheck: z.object({ test: z.array(z.string()) }).optional(),
            environment: labels.optional(),
          }),
        ),
      })
      .parse(parse(read('deploy/compose.workers.yaml'), { merge: true }))
    const stores = Object.keys(file.services['llmr']?.environment ?? {})
    expect(stores).toEqual(['DATABASE_URL', 'NATS_URL'])
    for (const name of workers) {
      const worker = file.services[`worker-${name}`]
      const [, , , , , workerPort] = worker?.command ?? []
      expect(worker?.command).toEqual(['worker', name, '--host', '0.0.0.0', '--port', workerPort])
      expect(worker?.healthcheck?.test.at(-1)).toBe(workerPort)
      expect(worker?.volumes).toContain(`data:${dataFolder(image.env)}:ro`) // the keys that may read its figures
      expect(worker?.image).toBe(compose.image)
      expect(Object.keys(worker?.environment ?? {})).toEqual(expect.arrayContaining(stores))
    }
  })

  test('the systemd unit runs the one that it is named after, as the service and in its folder', () => {
    const own = readUnit(read('deploy/systemd/llmr-worker@.service'))
    expect(own.one('ExecStart')).toBe(`${unit.one('ExecStart').replace('serve', 'worker %i')} $WORKER_FLAGS`)
    for (const directive of ['User', 'Group', 'StateDirectory', 'StateDirectoryMode', 'Environment'])
      expect(own.all(directive)).toEqual(unit.all(directive))
    expect(Number(own.one('TimeoutStopSec'))).toBeGreaterThan(10)
  })
})

test('every LLMR_ variable in deploy/ and on the page is one that the program reads', () => {
  const known = programVariables()
  const unknown = [...deployFiles(), 'docs/install.md'].flatMap((file) =>
    Array.from(read(file).matchAll(/\bLLMR_[A-Z_]+\b/g), ([name]) => `${file}: ${name}`).filter(
      (use) => !known.includes(use.split(': ')[1] ?? ''),
    ),
  )
  expect(unknown).toEqual([])
})

test('the page and the files in deploy/ name one port of llmr, the default', () => {
  const others = [...deployFiles(), 'docs/install.md'].flatMap((file) =>
    Array.from(read(file).matchAll(/\b84\d\d\b/g), ([number]) => number).filter((number) => number !== '8411'),
  )
  expect(others).toEqual([])
  expect(defaults.port).toBe(8411)
})

test('every file in deploy/ that the page names is there, and every manifest and unit is named', () => {
  const page = `${read('docs/install.md')}${read('docs/monitoring.md')}`
  const named = Array.from(page.matchAll(/\bdeploy\/[\w./@-]*\w/g), ([file]) => file)
  const files = deployFiles()
  expect(named.filter((name) => !files.some((file) => file === name || file.startsWith(`${name}/`)))).toEqual([])
  const unnamed = files.filter((file) => !named.some((name) => file === name || file.startsWith(`${name}/`)))
  expect(unnamed.filter((file) => !file.endsWith('.dockerignore'))).toEqual([])
})

function deployFiles(): readonly string[] {
  return globSync('deploy/**/*.*', { cwd: root }).concat('deploy/container/Containerfile').toSorted()
}

/** Names of variables that commands and the program read, as `env['LLMR_…']` or as the `env` of a flag. */
function programVariables(): readonly string[] {
  return globSync(['src/**/*.ts', 'commands/**/*.ts'], { cwd: root })
    .flatMap((file) => Array.from(read(file).matchAll(/(?:env: |\[)'(LLMR_[A-Z_]+)'/g), ([, name = '']) => name))
    .filter((name, index, all) => all.indexOf(name) === index)
}

/** Where llmr keeps what it makes, for a service without a home of its own. */
function dataFolder(env: Readonly<Record<string, string>>): string {
  return dataDirectory({ env, workingDirectory: '/', homeDirectory: '/nonexistent' })
}

/** The file that llmr reads on a machine that has only the one in /etc. */
function foundConfig(env: Readonly<Record<string, string>>): string | undefined {
  const stat = (file: string) => (file === '/etc/llmr/llmr.yaml' ? { ownerId: 0 } : undefined)
  return findConfigFile(undefined, { env, workingDirectory: '/', homeDirectory: '/nonexistent', userId: 1000, stat })
    .file
}

/** Directives by name; a unit may give one several times. */
function readUnit(text: string) {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line))
  const all = (name: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1))
  const one = (name: string): string => {
    const [value, ...more] = all(name)
    if (value === undefined || more.length > 0) throw new Error(`expected one ${name}=, found ${all(name).length}`)
    return value
  }
  return { all, one }
}

/** What the last stage of a Containerfile says; the bases of all stages. */
function readImage(text: string) {
  const instructions = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')))
  const values = (name: string, from = last): readonly string[] =>
    from.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim())
  const words = (name: string): readonly string[] => values(name).flatMap((value) => value.split(/\s+/))
  return {
    bases: values('FROM', instructions).map((value) => value.split(' ')[0] ?? ''),
    exposed: words('EXPOSE'),
    volumes: words('VOLUME'),
    copied: words('COPY'),
    user: values('USER').at(-1) ?? 'root',
    env: z.record(z.string(), z.string()).parse(Object.fromEntries(words('ENV').map((pair) => pair.split('=', 2)))),
    entrypoint: z.array(z.string()).parse(JSON.parse(values('ENTRYPOINT').at(-1) ?? '[]')),
    healthUrl: /http:\/\/[^']+/.exec(values('HEALTHCHECK').join())?.[0] ?? '',
  }
}

function splitUrl(url: string): { readonly host: string; readonly path: string } {
  const { host, pathname } = new URL(url)
  return { host, path: pathname }
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}
