import { describe, expect, it } from 'vitest';
import { emulatorEnvironment } from '../../../local/emulator-environment.ts';
import { workspaceAt } from '../../../local/workspace.ts';

const settings = {
  workspace: workspaceAt('/cloud'),
  certificate: { caFile: '/cloud/ca.pem', certificateFile: '/cloud/c.pem', keyFile: '/cloud/c.key' },
  port: 4566,
  nodeProgram: '/node24/bin/node',
};

describe('emulatorEnvironment', () => {
  it('listens on loopback with TLS and IAM enforced, and keeps its state', () => {
    const environment = emulatorEnvironment(settings, {});

    expect(environment).toMatchObject({
      BIND_HOST: '127.0.0.1',
      AUTH: 'true',
      USE_SSL: '1',
      MINISTACK_SSL_CERT: '/cloud/c.pem',
      PERSIST_STATE: '1',
      STATE_DIR: '/cloud/state',
      AWS_ENDPOINT_URL: 'https://127.0.0.1:4566',
      NODE_EXTRA_CA_CERTS: '/cloud/ca.pem',
    });
  });

  it("puts the project's Node first on PATH", () => {
    const { PATH } = emulatorEnvironment(settings, { PATH: '/usr/bin' });

    expect(PATH).toBe('/node24/bin:/usr/bin');
  });

  it("leaves the user's own accounts, proxies and secrets out", () => {
    const inherited = {
      AWS_PROFILE: 'work',
      AWS_SECRET_ACCESS_KEY: 'real',
      HTTPS_PROXY: 'http://p',
      NPM_TOKEN: 'x',
    };

    const environment = emulatorEnvironment(settings, inherited);

    expect(environment.AWS_SECRET_ACCESS_KEY).toBe('test');
    expect(Object.keys(environment)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(AWS_PROFILE|HTTPS_PROXY|NPM_TOKEN)$/)]),
    );
  });

  it('scales waits only when asked to', () => {
    const scales = [settings, { ...settings, waitScale: 0.1 }].map(
      (it) => emulatorEnvironment(it, {}).SFN_WAIT_SCALE,
    );

    expect(scales).toEqual(['1', '0.1']);
  });
});
