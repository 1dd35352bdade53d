import type { Import } from '../support/source-files.ts';

/** What the files of a tree may import; the first rule whose `applies` holds decides. */
export interface ImportRule {
  readonly applies: RegExp;
  /** The rule in words, for the failure's text. */
  readonly says: string;
  allows(imported: Import): boolean;
}

const within = (...trees: string[]) => new RegExp(`^(${trees.join('|')})/`);
const isBuiltin = ({ target }: Import) => target.startsWith('node:');
/** Digests and signature checks are functions of their input; another test forbids randomness. */
const isDigest = ({ target }: Import) => target === 'node:crypto';
const isPackage = (imported: Import, ...names: string[]) =>
  imported.isPackage &&
  names.some((name) => imported.target === name || imported.target.startsWith(`${name}/`));

const CONTRACT = /^domain\/(?:[\w-]+\/(?:[\w-]+-)?contract\.ts|routes\.ts|shared\/[\w-]+\.ts)$/;
const ENVIRONMENT = /^functions\/[\w-]+\/[\w-]+\/environment\.ts$/;
const CDK = ['aws-cdk-lib', 'constructs', 'cdk-nag', 'esbuild'];

/** Formats that one capability writes and another reads; each is a file of its own, without behaviour beyond it. */
const SHARED_FORMATS = [
  // A prediction's line in the log: serving writes it, monitoring reads it.
  'domain/serving/capture-line.ts',
  // Types of tensors as ONNX names them: the registry derives signatures from them.
  'domain/serving/tensor.ts',
];

function isForeignInside({ file, target }: Import): boolean {
  const own = /^domain\/([\w-]+)\//.exec(file)?.[1];
  const other = /^domain\/([\w-]+)\//.exec(target)?.[1];
  if (own === undefined || other === undefined || other === own || other === 'shared') return false;
  return !/\/(contract|ports|errors|events)\.ts$/.test(target) && !SHARED_FORMATS.includes(target);
}

export const IMPORT_RULES: readonly ImportRule[] = [
  {
    applies: /^domain\/serving\//,
    says: 'domain/serving is on the request path: it imports domain/, node:crypto and no package at all',
    allows: (imported) => (imported.isPackage ? isDigest(imported) : within('domain').test(imported.target)),
  },
  {
    applies: /^domain\//,
    says:
      'domain/ imports itself, zod, @stdlib and node:crypto for digests; ' +
      'of another capability only contract, ports, errors or events',
    allows: (imported) =>
      imported.isPackage
        ? isDigest(imported) || isPackage(imported, 'zod', '@stdlib')
        : within('domain').test(imported.target) && !isForeignInside(imported),
  },
  {
    applies: /^adapters\//,
    says: 'adapters/ imports domain/, itself and packages, never functions/, lib/ or the CDK',
    allows: (imported) =>
      imported.isPackage ? !isPackage(imported, ...CDK) : within('domain', 'adapters').test(imported.target),
  },
  {
    applies: /^functions\//,
    says: 'functions/ imports domain/, adapters/ and its own folder; of packages zod and types of aws-lambda',
    allows: (imported) => {
      if (imported.isPackage) {
        return isBuiltin(imported) || isPackage(imported, 'zod') || imported.typeOnly;
      }
      const own = imported.file.split('/').slice(0, 3).join('/');
      return (
        within('domain', 'adapters').test(imported.target) ||
        imported.target.startsWith(`${own}/`) ||
        imported.target === 'docs/openapi.json'
      );
    },
  },
  {
    applies: /^(lib|bin|layers)\//,
    says:
      'lib/ and bin/ import the CDK and route declarations; of functions/ only the type of an environment, ' +
      'and zod only to check the settings',
    allows: (imported) => {
      if (imported.isPackage) {
        const maySeeZod = imported.typeOnly || imported.file === 'lib/config/installation.ts';
        return (
          isBuiltin(imported) || isPackage(imported, ...CDK) || (maySeeZod && isPackage(imported, 'zod'))
        );
      }
      if (ENVIRONMENT.test(imported.target)) return imported.typeOnly;
      return within('lib', 'layers').test(imported.target) || CONTRACT.test(imported.target);
    },
  },
  {
    applies: /^sdk\//,
    says: 'sdk/ imports contracts, itself and zod',
    allows: (imported) =>
      imported.isPackage
        ? isBuiltin(imported) || isPackage(imported, 'zod')
        : within('sdk').test(imported.target) || CONTRACT.test(imported.target),
  },
  {
    applies: /^cli\/offline\//,
    says: 'cli/offline runs the platform without a cloud: it may import domain/ and adapters/',
    allows: (imported) =>
      imported.isPackage
        ? !isPackage(imported, ...CDK, '@aws-sdk')
        : within('cli', 'sdk', 'domain', 'adapters').test(imported.target),
  },
  {
    applies: /^cli\//,
    says: 'cli/ imports sdk/ and itself; domain code goes through cli/offline/',
    allows: (imported) =>
      imported.isPackage
        ? !isPackage(imported, ...CDK)
        : within('cli', 'sdk').test(imported.target) || CONTRACT.test(imported.target),
  },
  {
    applies: /^local\//,
    says: 'local/ is outside the product: it imports sdk/ and cli/, never lib/ or functions/',
    allows: (imported) => imported.isPackage || !within('lib', 'functions').test(imported.target),
  },
];

/** `file` imports `target`, against `rule`; undefined when it is allowed. */
export function findViolation(imported: Import): string | undefined {
  const rule = IMPORT_RULES.find(({ applies }) => applies.test(imported.file));
  if (rule === undefined || rule.allows(imported)) return undefined;
  return `${imported.file} imports ${imported.target}: ${rule.says}`;
}
