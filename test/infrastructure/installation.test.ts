import { describe, expect, it } from 'vitest';
import { parseInstallation } from '../../lib/config/installation.ts';
import { makePlatform } from '../../lib/platform.ts';
import { makeTestApp, synthesizePlatform } from '../support/synthesized-platform.ts';

const parse = (settings: Record<string, unknown>) => parseInstallation((key) => settings[key]);

describe('the settings of an installation', () => {
  it('have defaults for all', () => {
    expect(parse({})).toMatchObject({
      installation: 'perennial',
      platform: 'linux-arm64',
      reservedConcurrency: false,
      audit: { retentionDays: 365, mode: 'governance' },
      driftEvaluationMinutes: 5,
      captureBufferSeconds: 60,
    });
  });

  it('come as text from the command line', () => {
    const settings = parse({ reservedConcurrency: 'true', audit: '{"retentionDays":7}' });

    expect(settings).toMatchObject({ reservedConcurrency: true, audit: { retentionDays: 7 } });
  });

  it.each([
    ['platform', { platform: 'windows' }],
    ['installation', { installation: 'My Platform' }],
    ['reservedConcurrency', { reservedConcurrency: 'perhaps' }],
    ['audit.mode', { audit: '{"mode":"none"}' }],
    ['audit', { audit: '{"retention":1}' }],
    ['oidc.issuer', { oidc: '{"issuer":"x","jwksUri":"https://id.example.org/keys","audience":"a"}' }],
    ['driftEvaluationMinutes', { driftEvaluationMinutes: '0' }],
  ])('stop the synth when %s is wrong, and name it', (field, context) => {
    const app = makeTestApp(context);

    expect(() => makePlatform(app)).toThrow(`  ${field}: `);
  });
});

describe('two installations in one account', () => {
  const first = synthesizePlatform();
  const second = synthesizePlatform({ installation: 'flowers' });

  it('share no parameter and no bus', () => {
    const namesOf = ({ resources }: typeof first) =>
      resources
        .filter(({ Type }) => ['AWS::SSM::Parameter', 'AWS::Events::EventBus'].includes(Type))
        .map(({ Properties }) => Properties.Name);

    expect(namesOf(first).filter((name) => namesOf(second).includes(name))).toEqual([]);
  });

  it('differ in name and tag only', () => {
    const normalized = JSON.stringify(second.templates).replaceAll('flowers', 'perennial');

    // Logical ids carry a hash of the parameters' names.
    const withoutHashes = (text: string) => text.replaceAll(/[0-9A-F]{8,}/g, '');

    expect(withoutHashes(normalized)).toBe(withoutHashes(JSON.stringify(first.templates)));
  });
});
