import { AlreadyExistsError, InvalidInputError, NotFoundError } from './domain-error.ts';
import { type Grants, PERMISSIONS, type Permission } from './permission.ts';

/** One grant as MLflow's permission API names it; the user is an actor's id, or `*` for everyone else. */
export interface Grant {
  readonly username: string;
  readonly permission: Permission;
}

/** DynamoDB's item of the experiment or model has to hold them. */
const MAX_GRANTS = 200;

/** What a change of grants is about, for MLflow's words: `Experiment permission (experiment_id=3`. */
export interface Subject {
  readonly kind: 'Experiment permission' | 'Registered model permission';
  /** `experiment_id=3`, `name=churn`. */
  readonly name: string;
}

export function listGrants(grants: Grants = {}): Grant[] {
  return Object.entries(grants).map(([username, permission]) => ({ username, permission }));
}

/** @throws AlreadyExistsError, InvalidInputError */
export function addGrant(grants: Grants, { username, permission }: Grant, subject: Subject): Grants {
  if (Object.hasOwn(grants, username)) {
    const error = new AlreadyExistsError('permission', username);
    error.message = `${describe(subject, username)} already exists.`;
    throw error;
  }
  if (Object.keys(grants).length >= MAX_GRANTS) {
    throw new InvalidInputError(
      `There are ${MAX_GRANTS} permissions already; set one for '*', everyone else.`,
    );
  }
  return { ...grants, [username]: permission };
}

/** @throws NotFoundError */
export function replaceGrant(grants: Grants, { username, permission }: Grant, subject: Subject): Grants {
  findGrant(grants, username, subject);
  return { ...grants, [username]: permission };
}

/** @throws NotFoundError */
export function removeGrant(grants: Grants, username: string, subject: Subject): Grants {
  findGrant(grants, username, subject);
  const { [username]: _, ...rest } = grants;
  return rest;
}

/** @throws NotFoundError */
export function findGrant(grants: Grants, username: string, subject: Subject): Permission {
  if (Object.hasOwn(grants, username)) return grants[username] as Permission;
  const error = new NotFoundError('permission', username);
  error.message = `${describe(subject, username)} not found.`;
  throw error;
}

/** @throws InvalidInputError with MLflow's words */
export function parsePermission(text: string): Permission {
  if (PERMISSIONS.includes(text as Permission)) return text as Permission;
  const valid = PERMISSIONS.map((permission) => `'${permission}'`).join(', ');
  throw new InvalidInputError(`Invalid permission '${text}'. Valid permissions are: (${valid})`);
}

function describe({ kind, name }: Subject, username: string): string {
  return `${kind} (${name}, username=${username})`;
}
