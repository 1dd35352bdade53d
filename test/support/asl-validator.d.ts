/** The package's own declarations are not exported. */
declare module 'asl-validator' {
  interface ValidationResult {
    readonly isValid: boolean;
    readonly errors: unknown[];
  }
  export default function validate(definition: object): ValidationResult;
}
