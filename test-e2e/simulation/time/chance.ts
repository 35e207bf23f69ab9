/** A seeded source of numbers: the only chance there is in a schedule. */
export interface Chance {
  /** From 0 inclusive to 1 exclusive. */
  next(): number;
  /** A whole number from 0 inclusive to `below` exclusive. */
  below(below: number): number;
  /** True with this probability. */
  happens(probability: number): boolean;
}

/** The generator sfc32 (Doty-Humphrey, PractRand), begun from a seed and a name, so that each use has numbers of its own. */
export function chanceOf(seed: number, name: string): Chance {
  let a = seed | 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  for (let at = 0; at < name.length; at += 1) b = Math.imul(b ^ name.charCodeAt(at), 0x01000193);
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let warm = 0; warm < 12; warm += 1) draw();
  const next = (): number => draw() / 4_294_967_296;
  return { next, below: (below) => Math.floor(next() * below), happens: (probability) => next() < probability };
}
