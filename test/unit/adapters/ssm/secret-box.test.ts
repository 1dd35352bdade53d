import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSecretBox } from '../../../../adapters/ssm/secret-box.ts';

const client = new SSMClient({ region: 'us-east-1' });
const ssm = mockClient(client);
const NAME = '/perennial/x/registry/webhook-key';
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const parameter = (byte: number, version: number) => ({
  Parameter: { Value: keyOf(byte), Version: version },
});
const absent = new ParameterNotFound({ message: '', $metadata: {} });

beforeEach(() => ssm.reset());

describe('a secret box', () => {
  it('opens what it sealed, and seals the same text differently each time', async () => {
    ssm.on(GetParameterCommand).resolves(parameter(1, 1));
    const box = createSecretBox(NAME, client);

    const sealed = [await box.seal('my-secret', 'acme/whk_1'), await box.seal('my-secret', 'acme/whk_1')];

    expect(new Set(sealed).size).toBe(2);
    expect(sealed.join()).not.toContain('my-secret');
    expect(await Promise.all(sealed.map((each) => box.open(each, 'acme/whk_1')))).toEqual([
      'my-secret',
      'my-secret',
    ]);
  });

  it('opens nothing that was changed, or that is sealed for somebody else', async () => {
    ssm.on(GetParameterCommand).resolves(parameter(1, 1));
    const box = createSecretBox(NAME, client);
    const sealed = await box.seal('my-secret', 'acme/whk_1');
    const [version, text = ''] = sealed.split('.');
    const changed = `${version}.${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

    await expect(box.open(sealed, 'other/whk_1')).rejects.toThrow();
    await expect(box.open(changed, 'acme/whk_1')).rejects.toThrow();
  });

  it('makes its key with the first secret, encrypted and never over another', async () => {
    ssm.on(GetParameterCommand).rejectsOnce(absent).resolves(parameter(2, 1));
    ssm.on(PutParameterCommand).resolves({ Version: 1 });

    await createSecretBox(NAME, client).seal('x', 'o');

    const { Value, ...input } = ssm.commandCalls(PutParameterCommand)[0]!.args[0].input;
    expect(input).toEqual({ Name: NAME, Type: 'SecureString', Overwrite: false });
    expect(Buffer.from(Value ?? '', 'base64')).toHaveLength(32);
  });

  it('takes the key of whoever was faster', async () => {
    ssm.on(GetParameterCommand).rejectsOnce(absent).resolves(parameter(3, 1));
    ssm.on(PutParameterCommand).rejects(new ParameterAlreadyExists({ message: '', $metadata: {} }));
    const box = createSecretBox(NAME, client);

    const sealed = await box.seal('x', 'o');

    expect(await box.open(sealed, 'o')).toBe('x');
  });

  it('opens with the key of then after the parameter was overwritten, and reads each key once', async () => {
    ssm.on(GetParameterCommand).resolves(parameter(1, 1));
    const old = await createSecretBox(NAME, client).seal('old', 'o');
    ssm.reset();
    ssm.on(GetParameterCommand, { Name: NAME }).resolves(parameter(2, 2));
    ssm.on(GetParameterCommand, { Name: `${NAME}:1` }).resolves(parameter(1, 1));
    const box = createSecretBox(NAME, client);

    const opened = [await box.open(old, 'o'), await box.open(old, 'o')];

    expect(opened).toEqual(['old', 'old']);
    expect(await box.seal('new', 'o')).toMatch(/^2\./);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(3);
  });

  it('passes on what is no missing key', async () => {
    ssm.on(GetParameterCommand).rejects(new Error('denied'));
    await expect(createSecretBox(NAME, client).seal('x', 'o')).rejects.toThrow('denied');

    ssm.on(GetParameterCommand).resolves({});
    await expect(createSecretBox(NAME, client).open('1.AA', 'o')).rejects.toThrow('without a key');

    ssm.on(GetParameterCommand).rejects(absent);
    ssm.on(PutParameterCommand).rejects(new Error('full'));
    await expect(createSecretBox(NAME, client).seal('x', 'o')).rejects.toThrow('full');
  });
});
