/**
 * A text that its standard does not allow, and what to write instead: two halves, since whoever reports a record that is
 * published already shows them apart.
 */
export class FormError extends Error {
  readonly wrong: string;
  readonly advice: string;

  constructor(wrong: string, advice: string) {
    super(`${wrong}: ${advice}`);
    this.wrong = wrong;
    this.advice = advice;
  }
}
