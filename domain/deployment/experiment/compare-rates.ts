/** Units of one arm in one block of time, and how many of them did what the goal counts. */
export interface RateCounts {
  readonly units: number;
  readonly successes: number;
}

export interface RateTest {
  /** ln of the evidence against "both rates are the same". */
  readonly lnEvidence: number;
  readonly control: RateCounts;
  readonly challenger: RateCounts;
}

/** Beta(0.18, 0.18) has the least regret of the symmetric priors (Turner, Ly and Grünwald 2024, section 4). */
const PRIOR = 0.18;
/** Further evidence decides nothing, and e^x must stay finite. */
const MOST_LN_EVIDENCE = 69;

export function startRateTest(): RateTest {
  const none = { units: 0, successes: 0 };
  return { lnEvidence: 0, control: none, challenger: none };
}

/**
 * Adds a block to the two-sided test of two rates. The evidence is an e-value for every common rate at any number
 * of units (Turner, Ly and Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for
 * optional stopping", 2024, theorem 1), so that it reaches 1/α with probability at most α however often one
 * looks, without a normal approximation and with arms of any sizes. The alternative is what the blocks before
 * this one suggest.
 */
export function addRates(test: RateTest, control: RateCounts, challenger: RateCounts): RateTest {
  const units = control.units + challenger.units;
  if (units === 0) return test;
  const [a, b] = [estimate(test.control), estimate(test.challenger)];
  const common = (control.units * a + challenger.units * b) / units;
  const gain = lnRatio(control, a, common) + lnRatio(challenger, b, common);
  return {
    lnEvidence: Math.max(-MOST_LN_EVIDENCE, Math.min(MOST_LN_EVIDENCE, test.lnEvidence + gain)),
    control: add(test.control, control),
    challenger: add(test.challenger, challenger),
  };
}

/** The observed rate; null before any unit. */
export function rateOf({ units, successes }: RateCounts): number | null {
  return units === 0 ? null : successes / units;
}

function estimate({ units, successes }: RateCounts): number {
  return (successes + PRIOR) / (units + 2 * PRIOR);
}

function lnRatio({ units, successes }: RateCounts, alternative: number, common: number): number {
  return (
    successes * Math.log(alternative / common) +
    (units - successes) * Math.log((1 - alternative) / (1 - common))
  );
}

function add(a: RateCounts, b: RateCounts): RateCounts {
  return { units: a.units + b.units, successes: a.successes + b.successes };
}
