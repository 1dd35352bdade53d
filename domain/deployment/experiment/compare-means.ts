/** Units of one arm with the sums of what each of them was worth. */
export interface MeanSums {
  readonly units: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

export interface MeanDifference {
  /** Challenger minus control; null before both arms have enough units. */
  readonly difference: number | null;
  /** Half the width of the interval that holds the true difference at all times with probability 1 - α. */
  readonly halfWidth: number | null;
}

/** The interval leans on the central limit theorem; revenue has long tails. */
export const LEAST_UNITS = 100;

export function noSums(): MeanSums {
  return { units: 0, sum: 0, sumOfSquares: 0 };
}

export function addSums(a: MeanSums, b: MeanSums): MeanSums {
  return {
    units: a.units + b.units,
    sum: a.sum + b.sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
  };
}

/**
 * An asymptotic confidence sequence for a difference of means (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
 * "Time-uniform central limit theory and asymptotic confidence sequences", 2024), narrowest at `plannedUnits`.
 * The standard error is the larger of the pooled and the unpooled one: the unpooled alone is far too small when a
 * small arm has seen few of a rare thing (measured false alarms of 48 %), the pooled alone when the smaller arm
 * varies more.
 */
export function compareMeans(
  control: MeanSums,
  challenger: MeanSums,
  alpha: number,
  plannedUnits: number,
): MeanDifference {
  if (Math.min(control.units, challenger.units) < LEAST_UNITS) return { difference: null, halfWidth: null };
  const units = control.units + challenger.units;
  const error = standardError(control, challenger);
  const lnAlpha = Math.log(alpha);
  const rhoSquared = (-2 * lnAlpha + Math.log(1 - 2 * lnAlpha)) / plannedUnits;
  const spread = units * rhoSquared + 1;
  const inflation = Math.sqrt(((2 * spread) / (units * rhoSquared)) * Math.log(Math.sqrt(spread) / alpha));
  return {
    difference: challenger.sum / challenger.units - control.sum / control.units,
    halfWidth: error * inflation,
  };
}

function standardError(a: MeanSums, b: MeanSums): number {
  const [ofA, ofB] = [squaresAround(a), squaresAround(b)];
  const unpooled = ofA / (a.units * (a.units - 1)) + ofB / (b.units * (b.units - 1));
  const pooled = ((ofA + ofB) / (a.units + b.units - 2)) * (1 / a.units + 1 / b.units);
  return Math.sqrt(Math.max(unpooled, pooled));
}

function squaresAround({ units, sum, sumOfSquares }: MeanSums): number {
  return Math.max(0, sumOfSquares - (sum * sum) / units);
}
