import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EXAMPLES, flow, labCluster, labSetup, renderExample, replication } from '../../../scripts/examples.ts';
import { renderAll } from '../../../src/app/render/render-files.ts';
import type { RenderedFile } from '../../../src/app/ports/template-renderer.ts';
import { preferredPorts } from '../../../src/domain/lab/ports.ts';
import type { Setup } from '../../../src/domain/setup.ts';
import { createTemplateRenderer } from '../../../src/render/template-renderer.ts';

interface Service {
  image: string;
  restart: string;
  command?: string[];
  environment?: Record<string, string | null>;
  ports?: string[];
  volumes: { type: string; source: string; target: string; read_only?: boolean }[];
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  labels: Record<string, string>;
}

interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

async function render(setup: Setup): Promise<readonly RenderedFile[]> {
  return renderAll(setup, await preferredPorts(setup), 'compose', createTemplateRenderer());
}

function composeFile(files: readonly RenderedFile[]): ComposeFile {
  return parse(files.find(({ path }) => path === 'docker-compose.yml')!.content) as ComposeFile;
}

describe.each(EXAMPLES.map((example) => [example.name, example] as const))('example %s', (_, example) => {
  let files: readonly RenderedFile[];
  let services: Service[];
  beforeAll(async () => {
    files = await renderExample(example);
    services = Object.values(composeFile(files).services);
  });

  it('publishes on loopback only, each host port once', () => {
    const ports = services.flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length);
  });

  it('holds no password as text', () => {
    for (const { path, content } of files) {
      for (const [, password] of content.matchAll(/(?:password|user_\w+)=\\?"(.*?)\\?"/g)) {
        expect(password, path).toMatch(
          /^\$\{file:\.\/secrets\/internal\.properties:(kmk|mm2)\.password\}$|^\$\$\{kmk\.password\}$/,
        );
      }
    }
  });

  it('mounts files that it renders, read-only, and declares each volume', () => {
    const paths = files.map(({ path }) => path);
    const mounts = services.flatMap((service) => service.volumes);
    for (const mount of mounts.filter(({ type }) => type === 'bind')) {
      expect(mount.read_only).toBe(true);
      if (mount.source === './secrets/internal.properties') continue;
      const relative = mount.source.replace(/^\.\//, '');
      expect(
        paths.some((path) => path === relative || path.startsWith(`${relative}/`)),
        mount.source,
      ).toBe(true);
    }
    const volumes = mounts.filter(({ type }) => type === 'volume').map(({ source }) => source);
    expect(volumes.sort()).toEqual(Object.keys(composeFile(files).volumes).sort());
  });

  it('uses only keys that Compose 1.29 knows, restarts nothing and labels everything', () => {
    const known = ['image', 'user', 'working_dir', 'restart', 'command', 'environment', 'ports', 'networks', 'volumes'];
    const also = ['depends_on', 'healthcheck', 'profiles', 'labels', 'mem_reservation', 'logging'];
    expect(Object.keys(composeFile(files)).sort()).toEqual(['networks', 'services', 'volumes']);
    for (const service of services) {
      expect([...known, ...also]).toEqual(expect.arrayContaining(Object.keys(service)));
      expect(service.restart).toBe('no');
      expect(service.labels['kmk.project']).toBe(example.setup.name);
      expect(service.labels['kmk.role']).toMatch(/^(broker|connect|disk|job|mm2|ui|zookeeper)$/);
    }
  });

  it('waits only for services that exist', () => {
    const names = Object.keys(composeFile(files).services);
    for (const service of services) {
      expect(names).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
    }
  });
});

describe('what the services are', () => {
  it('starts the target worker, keeps the other one for the failback', async () => {
    const { services } = composeFile(await render(labSetup()));
    expect(services['dr-connect']?.profiles).toBeUndefined();
    expect(services['primary-connect']?.profiles).toEqual(['failback']);
    expect(services['dr-connect']?.command).toContain('org.apache.kafka.connect.cli.ConnectDistributed');
  });

  it('runs one MM2 per target in dedicated mode and no Connect', async () => {
    const clusters = [labCluster('a', 9092), labCluster('b', 9093), labCluster('c', 9094)];
    const dedicated = (flows = [flow('a', 'b'), flow('a', 'c')]): Setup =>
      labSetup({ clusters, active: 'a', replication: replication({ mode: 'dedicated', flows }) });
    const two = composeFile(await render(dedicated())).services;
    expect(two['b-mm2']?.command?.slice(-2)).toEqual(['--clusters', 'b']);
    expect(two['c-mm2']?.command?.slice(-2)).toEqual(['--clusters', 'c']);
    expect(Object.keys(two).filter((name) => /connect/.test(name))).toEqual([]);
    const one = composeFile(await render(dedicated([flow('a', 'b')]))).services;
    expect(one['b-mm2']?.command).not.toContain('--clusters');
  });

  it('lets no two listeners of a container share a port', async () => {
    const clusters = [labCluster('primary', 9091, 3), labCluster('dr', 19_091)];
    const brokers = (await render(labSetup({ clusters }))).filter(({ path }) => /-broker-/.test(path));
    expect(brokers).toHaveLength(4);
    for (const { path, content } of brokers) {
      const listeners = /^listeners=(.*)$/m.exec(content)?.[1]?.split(',') ?? [];
      expect(listeners.length).toBeGreaterThanOrEqual(3);
      expect(new Set(listeners.map((listener) => listener.split(':').at(-1))).size, path).toBe(listeners.length);
    }
  });

  it('gives both clusters ids of their own that are 16 bytes', async () => {
    const { services } = composeFile(await render(labSetup()));
    const ids = ['primary-broker-1', 'dr-broker-1'].map((name) => services[name]?.environment?.['CLUSTER_ID'] ?? '');
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(Buffer.from(id, 'base64url').toString('base64url')).toBe(id);
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(16);
  });

  it('has no UI where it is switched off, else both clusters and their Connect on loopback', async () => {
    const off = composeFile(await render(labSetup({ ui: { enabled: false, port: 8080 } }))).services;
    expect(off['ui']).toBeUndefined();
    const { ui } = composeFile(await render(labSetup({ ui: { enabled: true, port: 9999 } }))).services;
    expect(ui?.ports).toEqual(['127.0.0.1:9999:8080']);
    expect(ui?.environment).toMatchObject({
      KAFKA_CLUSTERS_0_NAME: 'primary',
      KAFKA_CLUSTERS_0_KAFKACONNECT_0_ADDRESS: 'http://primary-connect:8084',
      KAFKA_CLUSTERS_1_BOOTSTRAPSERVERS: 'dr-broker-1:1091',
      KAFKA_CLUSTERS_1_KAFKACONNECT_0_ADDRESS: 'http://dr-connect:8083',
    });
  });

  it('passes on variables and mounts files that an existing cluster refers to', async () => {
    const setup = labSetup({
      clusters: [
        {
          kind: 'existing',
          alias: 'primary',
          bootstrap: ['b1:9093'],
          security: {
            protocol: 'SASL_SSL',
            sasl: { mechanism: 'SCRAM-SHA-512', username: '${env:KAFKA_USER}', password: '${file:/run/pw:primary}' },
            tls: { ca: 'certs/ca.pem', verifyHostname: true },
          },
        },
        labCluster('dr', 9093),
      ],
    });
    const worker = composeFile(await render(setup)).services['dr-connect'];
    expect(worker?.environment).toEqual({ KAFKA_USER: null });
    expect(worker?.volumes).toEqual(
      expect.arrayContaining([
        { type: 'bind', source: '/run/pw', target: '/run/pw', read_only: true },
        { type: 'bind', source: './certs/ca.pem', target: '/kmk/certs/ca.pem', read_only: true },
      ]),
    );
  });
});

describe('the preset confluent-7.9', () => {
  const confluent = (mode: 'kraft' | 'zookeeper', images = {}): Promise<readonly RenderedFile[]> =>
    render(labSetup({ kafka: { version: '3.9.2', distribution: 'confluent', mode }, images }));

  it('is the stack that its users know: images, ports, names in the web UI', async () => {
    const files = await confluent('zookeeper');
    const { services } = composeFile(files);
    const imageOf = (name: string): string | undefined => services[name]?.image;
    for (const alias of ['primary', 'dr']) {
      expect(imageOf(`${alias}-zookeeper`)).toMatch(/^confluentinc\/cp-zookeeper:7\.9\.\d+$/);
      expect(imageOf(`${alias}-broker-1`)).toMatch(/^confluentinc\/cp-kafka:7\.9\.\d+$/);
      expect(imageOf(`${alias}-connect`)).toMatch(/^confluentinc\/cp-kafka-connect:7\.9\.\d+$/);
    }
    expect(services['primary-broker-1']?.ports?.[0]).toBe('127.0.0.1:9092:9092');
    expect(services['dr-broker-1']?.ports?.[0]).toBe('127.0.0.1:9093:9093');
    const properties = (alias: string): string =>
      files.find(({ path }) => path === `containers/kafka/${alias}-broker-1.properties`)?.content ?? '';
    expect(properties('primary')).toContain('NETWORK://primary-broker-1:29092');
    expect(properties('dr')).toContain('NETWORK://dr-broker-1:29093');
    expect(properties('dr')).toContain('zookeeper.connect=dr-zookeeper:2182');
    expect(properties('dr')).not.toMatch(/process\.roles|controller|CONTROLLER/);
    expect(services['ui']?.ports).toEqual(['127.0.0.1:8080:8080']);
    const { environment = {} } = services['ui'] ?? {};
    expect([environment['KAFKA_CLUSTERS_0_NAME'], environment['KAFKA_CLUSTERS_1_NAME']]).toEqual([
      'primary-cluster',
      'dr-cluster',
    ]);
  });

  it('has a variant without ZooKeeper that formats its storage once', async () => {
    const { services } = composeFile(await confluent('kraft'));
    expect(Object.keys(services).filter((name) => name.includes('zookeeper'))).toEqual([]);
    const command = services['primary-broker-1']?.command?.join(' ') ?? '';
    expect(command).toMatch(
      /kafka-storage format --ignore-formatted -t "\$\$CLUSTER_ID" .* && exec kafka-server-start/,
    );
  });

  it('takes each image from where the setup says', async () => {
    const images = { kafka: 'm/k:1', connect: 'm/c:1', zookeeper: 'm/z:1', ui: 'm/u@sha256:' + 'a'.repeat(64) };
    const { services } = composeFile(await confluent('zookeeper', images));
    const used = Object.values(services).map(({ image }) => image);
    expect(new Set(used)).toEqual(new Set(Object.values(images)));
  });
});

describe('a broker with ZooKeeper', () => {
  it('waits until its earlier registration is gone', async () => {
    const kafka = { version: '3.9.2', distribution: 'apache', mode: 'zookeeper' } as const;
    const clusters = [labCluster('primary', 9092, 3), labCluster('dr', 9093)];
    const { services } = composeFile(await render(labSetup({ kafka, clusters })));
    const [shell, , script] = services['primary-broker-2']?.command ?? [];
    expect(shell).toBe('bash');
    expect(script).toContain('/dev/tcp/primary-zookeeper/2181');
    expect(script).toContain('/brokers/ids/2(');
    expect(services['primary-broker-2']?.depends_on).toEqual({ 'primary-zookeeper': { condition: 'service_started' } });
  });
});
