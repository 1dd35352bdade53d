import { type FieldError, InvalidInputError } from '../shared/domain-error.ts';

/** A request of 10,000 wrong rows is not answered with 10,000 errors: the first ones show the pattern. */
const MAX_ERRORS = 20;

/** Collects the wrong fields of one request. */
export class Problems {
  readonly #errors: FieldError[] = [];
  #count = 0;

  add(path: string, message: string): void {
    this.#count += 1;
    if (this.#count <= MAX_ERRORS) this.#errors.push({ path, message });
  }

  get isFull(): boolean {
    return this.#count >= MAX_ERRORS;
  }

  /** Throws InvalidInputError when a field was wrong; its message carries the first one. */
  throwIfAny(): void {
    const [first] = this.#errors;
    if (first === undefined) return;
    const others = this.#errors.length > 1 ? ` (and ${this.#errors.length - 1} more)` : '';
    throw new InvalidInputError(`${first.path} ${first.message}${others}.`, this.#errors);
  }
}

/** A refusal for one reason that has one place. */
export function refuse(path: string, message: string): never {
  throw new InvalidInputError(path === '' ? `${message}.` : `${path} ${message}.`, [{ path, message }]);
}
