/** What one measurement is judged by. `of` says what is compared: the value itself, or its ratio or difference to the floor. */
export interface Target {
  readonly of: 'value' | 'ratio' | 'difference';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One measured number, beside the bare floor that was measured in the same run. */
export interface Figure {
  /** Its key in the JSON result; stable, so that results of different days can be compared. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  /** The same work done by the bare means (a plain client, an empty log, nothing killed), in the same unit. */
  readonly floor?: number;
  /** What the floor is. */
  readonly floorTitle?: string;
  readonly target?: Target;
}

/** A figure with its verdict, as it is reported. */
export interface JudgedFigure extends Figure {
  readonly ratio?: number;
  readonly difference?: number;
  /** Undefined where there is no target. */
  readonly met?: boolean;
}

/** Works out ratio and difference to the floor, and whether the target is met. */
export function judge(figure: Figure): JudgedFigure {
  const { value, floor, target } = figure;
  const compared = floor === undefined ? {} : { difference: value - floor, ...(floor === 0 ? {} : { ratio: value / floor }) };
  if (target === undefined) return { ...figure, ...compared };
  const measured = target.of === 'value' ? value : (compared as { ratio?: number; difference?: number })[target.of];
  // A number that could not be measured has met nothing.
  const met = measured !== undefined && Number.isFinite(measured) && measured <= (target.atMost ?? Infinity) && measured >= (target.atLeast ?? -Infinity);
  return { ...figure, ...compared, met };
}
