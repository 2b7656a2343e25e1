const roomMin = 64;

/** Where each of many small numbers stands in something, or -1. Beside the things themselves, so that moving one touches no object. */
export class Positions {
  private positions = new Int32Array(roomMin).fill(-1);

  of(number: number): number {
    return this.positions[number] ?? -1;
  }

  set(number: number, position: number): void {
    if (number >= this.positions.length) this.grow(number);
    this.positions[number] = position;
  }

  private grow(number: number): void {
    const grown = new Int32Array(Math.max(2 * this.positions.length, number + 1)).fill(-1);
    grown.set(this.positions);
    this.positions = grown;
  }
}
